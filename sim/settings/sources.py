"""Where settings come from: the shipped ``configs/``, a folder of the user's own, and the line of each value.

The shipped folder is the checkout's ``configs/`` only if ``pyproject.toml`` stands beside it, else the copy
inside the installed package. Files are read with a safe loader. Nothing here knows what a setting means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

# The groups of config.yaml, in its order, and the optional group of ready experiments.
GROUPS: Final = (
    "world", "horizon", "demand", "finance", "supply_chain", "rate_card",
    "nps", "provider", "policy", "record", "engine", "ensemble",
)  # fmt: skip
EXPERIMENT: Final = "experiment"


def shipped_configs() -> Path:
    """The folder of shipped settings; raises FileNotFoundError when the installation is broken."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "configs" / "config.yaml").is_file():
        return checkout / "configs"
    installed = package / "_configs"
    if (installed / "config.yaml").is_file():
        return installed
    raise FileNotFoundError(f"no settings found beside {package}; install the package again")


def checkout_root() -> Path | None:
    """The root of the checkout this code runs from, or None when it runs from an installed copy."""
    configs = shipped_configs()
    return configs.parent if configs.name == "configs" else None


@dataclass(frozen=True, slots=True)
class Sources:
    """The folders searched for settings.

    Attributes:
        shipped: the shipped folder, searched first.
        user: a folder of the user's own, whose files may not bear a shipped file's name.
    """

    shipped: Path
    user: Path | None = None

    def roots(self) -> Iterator[Path]:
        """The folders in order of search."""
        yield self.shipped
        if self.user is not None:
            yield self.user

    def options(self, group: str) -> tuple[str, ...]:
        """The options of a group, in alphabetical order."""
        return tuple(sorted({path.stem for root in self.roots() for path in (root / group).glob("*.yaml")}))

    def file(self, group: str, option: str) -> Path | None:
        """The file of an option, or None when there is no such option."""
        return next((p for root in self.roots() if (p := root / group / f"{option}.yaml").is_file()), None)

    def clashes(self) -> list[tuple[Path, Path]]:
        """The user's files that bear the name of a shipped one (which would hide them)."""
        if self.user is None or self.user.resolve() == self.shipped.resolve():
            return []
        return [
            (mine, theirs)
            for group in (*GROUPS, EXPERIMENT)
            for mine in sorted((self.user / group).glob("*.yaml"))
            if (theirs := self.shipped / group / mine.name).is_file()
        ]

    def stamp(self) -> int:
        """A number that changes when any settings file is added, removed or written again."""
        found = ((path, path.stat()) for root in self.roots() for path in sorted(root.glob("*/*.yaml")))
        config = (self.shipped / "config.yaml").stat()
        return hash((config.st_mtime_ns, config.st_size, *((p, s.st_mtime_ns, s.st_size) for p, s in found)))

    def chain(self, group: str, option: str) -> list[Path]:
        """The file of an option, then the files it is composed over, nearest first."""
        found: list[Path] = []
        waiting = [option]
        while waiting:
            path = self.file(group, waiting.pop(0))
            if path is None or path in found:
                continue
            found.append(path)
            waiting += [name for name in reversed(_defaults(path)) if name != "_self_"]
        return found

    def locate(self, setting: str, choices: dict[str, str]) -> str:
        """File and line of a setting under these choices; the file alone when it has no line."""
        group, _, rest = setting.partition(".")
        experiment = choices.get(EXPERIMENT)
        places: list[tuple[Path, str]] = []
        if experiment:
            places += [(path, setting) for path in self.chain(EXPERIMENT, experiment)]
        if group in choices:
            own = self.chain(group, choices[group])
            places += [(path, rest) for path in own]
        else:
            own = [self.shipped / "config.yaml"]
            places += [(path, setting) for path in own]
        for path, key in places:
            line = line_of(path, key) if key else None
            if line is not None:
                return f"{self.words(path)}, line {line}"
        # Nothing holds the setting itself (a value is missing): name its parent, or the file that should.
        parent = setting.rpartition(".")[0]
        if "." in parent:
            return self.locate(parent, choices)
        return self.words(own[0]) if own else ""

    def words(self, path: Path) -> str:
        """A path as a person would type it: from here when it lies below, else from the shipped folder."""
        for base, prefix in ((Path.cwd(), ""), (self.shipped, "configs/")):
            try:
                return prefix + path.resolve().relative_to(base.resolve()).as_posix()
            except ValueError:
                continue
        return str(path)


@lru_cache(maxsize=256)
def _nodes(path: Path, changed: int) -> object:
    """The parsed nodes of a file with their marks; the modification time keeps the cache honest."""
    import yaml

    try:
        with path.open(encoding="utf-8") as file:
            return yaml.compose(file, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError):
        return None


def _tree(path: Path) -> object:
    return _nodes(path, path.stat().st_mtime_ns)


def line_of(path: Path, key: str | Sequence[str]) -> int | None:
    """The line (from 1) on which a key, dotted or in parts, stands in a file, or None."""
    import yaml

    node, line = _tree(path), None
    for part in key.split(".") if isinstance(key, str) else key:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if str(k.value) == part), None)
            if pair is None:
                return None
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            return None
    return line


def keys_of(path: Path) -> tuple[str, ...]:
    """The keys at the top of a file."""
    import yaml

    root = _tree(path)
    return tuple(str(key.value) for key, _ in root.value) if isinstance(root, yaml.MappingNode) else ()


def _defaults(path: Path) -> list[str]:
    """The entries of a file's defaults list that name options of its own group."""
    import yaml

    root = _tree(path)
    if not isinstance(root, yaml.MappingNode):
        return []
    entries = next((v for k, v in root.value if k.value == "defaults"), None)
    if not isinstance(entries, yaml.SequenceNode):
        return []
    return [str(entry.value) for entry in entries.value if isinstance(entry, yaml.ScalarNode)]
