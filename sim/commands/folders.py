"""What the verbs on experiment folders share: finding one, opening it, and saying what is missing in it."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from sim.commands.opening import LATEST, find_folder
from sim.settings.problems import TYPED, Problem, SettingsError

if TYPE_CHECKING:
    from sim.experiment.reading import Opened

UNTOUCHED = "Nothing was written."


def opened(word: str, verb: str) -> Opened:
    """The folder a word names, read; raises SettingsError when it is no experiment folder."""
    from sim.experiment.reading import FolderError, open_folder

    try:
        folder = open_folder(find_folder(word))
    except FolderError as error:
        raise refusal(verb, str(error)) from error
    except SettingsError as error:
        raise SettingsError(error.problems, closing=UNTOUCHED) from error
    if folder.study and verb != "verify":
        what = f"{short(folder.path)} is a {folder.study} study, which keeps tables and no runs to {verb}"
        raise refusal(verb, what, f"read its tables; its files can be checked   probsim verify {word}")
    return folder


def the_word(words: list[str], verb: str) -> str:
    """The one folder that was typed, or ``latest``; raises SettingsError when there are several."""
    if len(words) > 1:
        raise refusal(verb, f"{verb} takes one folder, got {len(words)}", f"type   probsim {verb} {words[0]}")
    return words[0] if words else LATEST


def refusal(verb: str, what: str, *advice: str) -> SettingsError:
    """That a verb could not be done, in one sentence."""
    return SettingsError([Problem(verb, what, TYPED, advice)], closing=UNTOUCHED)


def warn(sentences: list[str]) -> None:
    """What is missing in a folder, on stderr, a sentence each."""
    for sentence in sentences:
        print("\n".join(wrap(f"NOTE    {sentence}.", 80, subsequent_indent=" " * 8)), file=sys.stderr)


def short(path: Path) -> str:
    """A path as short as it can be pasted."""
    from sim.commands.console import shown_path

    return shown_path(path)
