"""``open FOLDER``: show an experiment's page in the browser; ``latest`` is the one made last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.console import shown_path
from sim.experiment.folder import latest
from sim.settings.problems import TYPED, Problem, SettingsError

if TYPE_CHECKING:
    from sim.cli import Options

LATEST = "latest"


def main(options: Options) -> int:
    """Open the page; raises SettingsError when there is none."""
    import webbrowser

    page = find_folder(options.words[0] if options.words else LATEST) / "report.html"
    if not page.is_file():
        raise SettingsError([Problem("open", f"there is no page in {shown_path(page.parent)}", TYPED)])
    if not webbrowser.open(page.resolve().as_uri()):
        print("No browser could be started. The page is", end=" ")
    print(shown_path(page))
    return 0


def find_folder(word: str, output: Path = Path("experiments")) -> Path:
    """The experiment folder of a path, of a path below ``experiments``, of an experiment's name, or ``latest``."""
    if word == LATEST:
        found = latest(output)
        if found is None:
            raise SettingsError([Problem("open", f"there is no finished experiment in {output.as_posix()} yet", TYPED)])
        return found
    for path in (Path(word), output / word):
        if any((path / name).is_file() for name in ("run.json", "plan.json")):
            return path
        inside = [p for p in path.glob("[!.]*") if (p / "run.json").is_file()]
        if inside:
            return max(inside, key=lambda p: p.name)
    raise SettingsError([Problem("open", f"{word} is not an experiment folder", TYPED, ("try   latest",))])
