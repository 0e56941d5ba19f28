"""Every command and snippet in the README and the docs is run or at least checked; the marker above a block says which.

``<!-- run -->`` runs it in an empty folder (one a page, blocks in order); ``run: apply`` applies a diff to a copy of
the code and ``run: in the copy`` runs there; ``check`` validates each command without running it; ``main`` and
``tests`` are run by ``.ci/run``; ``by hand: why`` only parses. A block without a marker fails.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.cli import ANSWERED, REFUSED, main, parse

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LANGUAGES = ("sh", "python", "diff", "r")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
_MARKER = re.compile(r"<!-- (.+?) -->\n\Z")


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    marker: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        marker = _MARKER.search(text[: fence.start()])
        line = text.count("\n", 0, fence.start()) + 1
        found.append(Block(page.name, line, fence[1], marker[1] if marker else "", fence[2]))
    return found


def commands(text: str) -> list[list[str]]:
    """The words of each command of ours in a shell block."""
    joined = text.replace("\\\n", " ")
    joined = re.sub(r"<<'END'\n.*?^END$", "", joined, flags=re.S | re.M)
    joined = re.sub(r'python -c "\n.*?^"$', "", joined, flags=re.S | re.M)
    found = []
    for line in joined.splitlines():
        words = shlex.split(line.partition(" > ")[0], comments=True)
        if words[:3] == ["python", "-m", "sim"]:
            found.append(words[3:])
        elif words[:1] == ["probsim"]:
            found.append(words[1:])
    return found


ALL = [block for page in PAGES for block in blocks(page)]
TYPED = [(block.name, words) for block in ALL if block.language == "sh" for words in commands(block.text)]


def test_there_is_something_to_run() -> None:
    assert len(TYPED) > 20
    assert {"run", "run: apply", "run: in the copy", "check", "main", "tests"} <= {block.marker for block in ALL}


@pytest.mark.parametrize("block", ALL, ids=lambda block: block.name)
def test_every_block_says_how_it_is_checked(block: Block) -> None:
    if block.language in LANGUAGES:
        kinds = ("run", "run: apply", "run: in the copy", "check", "main", "tests")
        assert block.marker in kinds or block.marker.startswith("by hand: "), f"{block.name} has no marker"
        assert block.language != "diff" or block.marker == "run: apply"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(("where", "words"), TYPED, ids=lambda value: value if isinstance(value, str) else None)
def test_every_command_is_one_the_program_knows(
    where: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    options = parse(words)
    assert options.command == "run" or words[0] in (options.command, "--help", "--version"), where
    if options.config_dir is not None:
        return  # a folder made by the block before it, which is run
    if options.command == "check":
        assert main(words) in (ANSWERED, REFUSED), where  # one shows what a refusal looks like
    elif options.command == "run" and "bid_least_value" not in " ".join(words):
        assert main(["check", *[word for word in words if word != "--quiet"]]) == ANSWERED, where


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(b.marker == "run" for b in blocks(page))], ids=lambda p: p.name
)
def test_what_is_marked_runs(page: Path, tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    home.mkdir()
    told: list[str] = []  # the Python of a page is one session
    for block in blocks(page):
        if not block.marker.startswith("run"):
            continue
        if block.marker == "run: apply":
            if not copy.is_dir():
                copy.mkdir()
                for part in ("sim", "configs"):
                    shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
                shutil.copy(ROOT / "pyproject.toml", copy)
            apply(block.text, copy)
            continue
        inside = block.marker == "run: in the copy"
        if block.language == "python":
            told.append(block.text)
            continue
        if told:
            run_python(told, home, page.name)
            told = []
        run(["bash", "-euo", "pipefail", "-c", block.text], copy if inside else home, inside, block.name)
    if told:
        run_python(told, home, page.name)


def run_python(told: list[str], home: Path, name: str) -> None:
    head = "import matplotlib; matplotlib.use('Agg')\n"
    run([sys.executable, "-c", head + "\n".join(told)], home, False, name)


def apply(diff: str, copy: Path) -> None:
    """Apply a diff whose hunks give their place by context, not by line number."""
    for part in re.split(r"(?m)^(?=--- a/)", diff):
        if not part.strip():
            continue
        path = copy / part.splitlines()[0].removeprefix("--- a/")
        lines = [line for line in part.splitlines()[2:] if not line.startswith("@@")]
        before = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "-"))
        after = "".join(line[1:] + "\n" for line in lines if line[:1] in (" ", "+"))
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"the recipe no longer fits {path.name}: write its context again"
        path.write_text(text.replace(before, after), encoding="utf-8")


def run(command: list[str], where: Path, inside: bool, name: str) -> None:
    bin_folder = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "MPLCONFIGDIR": str(where / ".mpl")}
    if inside:
        env["PYTHONPATH"] = str(where)
    done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{name}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
