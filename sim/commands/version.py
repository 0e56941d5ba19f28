"""``--version``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.cli import Options


def main(options: Options) -> int:
    """Print the version of the project."""
    from sim.experiment.manifest import own_version

    print(f"probsim {own_version()}")
    return 0
