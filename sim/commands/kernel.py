"""``kernel [status|build|remove]``: the optional compiled kernel, which makes runs faster and changes no byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sim.kernel import KernelError, find
from sim.kernel.build import build, compiler, remove
from sim.kernel.library import OFF_WORDS, ON_WORDS, SWITCH, library_path, switched_off, understood
from sim.settings.problems import TYPED, Problem, SettingsError, did_you_mean

if TYPE_CHECKING:
    from sim.cli import Options

_ACTIONS: Final = ("status", "build", "remove")
_DONE: Final = {"build": "built", "remove": "removed"}


def main(options: Options) -> int:
    """Say whether the kernel is used, build it, or remove it; raises SettingsError when that cannot be done."""
    word = options.words[0] if options.words else "status"
    if word not in _ACTIONS or len(options.words) > 1:
        typed = " ".join(options.words)
        what = f'kernel takes one of {", ".join(_ACTIONS)}, got "{typed}"'
        raise SettingsError([Problem("kernel", what, TYPED, did_you_mean(word, _ACTIONS))])
    try:
        if word == "build":
            build()
        done = remove() if word == "remove" else word == "build"
    except KernelError as error:
        raise SettingsError([Problem("kernel", f"the kernel was not {_DONE[word]}: {error}")]) from error
    if done:
        print(f"The compiled kernel is {_DONE[word]}.")
    if not understood():
        words = ", ".join((*OFF_WORDS, *ON_WORDS))
        print(f"{SWITCH}={os.environ[SWITCH]} is none of {words}: it switches nothing.")
    print("\n".join(_status()))
    return 0


def _status() -> list[str]:
    path = library_path()
    if switched_off():
        return [f"It is switched off by {SWITCH}={os.environ[SWITCH]}: runs use plain Python."]
    if find() is not None:
        return [
            "Runs use the compiled kernel, with the same results as without it:",
            f"  {path}",
            f"To do without it:   {SWITCH}=off   or   probsim kernel remove",
        ]
    if path.is_file():
        return [f"{path} cannot be loaded: runs use plain Python.", "Build it anew:   probsim kernel build"]
    how = "probsim kernel build" if compiler() else "install a C compiler, then   probsim kernel build"
    return ["There is no compiled kernel: runs use plain Python, with the same results.", f"To build it:   {how}"]
