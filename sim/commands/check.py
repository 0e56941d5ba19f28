"""``check``: validate what would be run and run nothing; ``check --list GROUP`` shows a group's options."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.cli import Options


def main(options: Options) -> int:
    """Check a command line; raises SettingsError when it would be refused."""
    if options.group is not None:
        from sim.commands.listing import print_group

        print_group(options.group, options.config_dir)
        return 0
    from sim.analysis.patterns import named_patterns
    from sim.settings.loading import find_sources, load_all
    from sim.uncertainty.study import study_of

    sources = find_sources(options.config_dir)
    study = study_of(options.words, sources)
    if study is not None:
        from sim.commands.experiment import study_module

        kind, block, words = study
        print(study_module(kind).check(options, block, words))
        print("Nothing was run.")
        return 0
    loaded = load_all(options.words, sweep=options.sweep, config_dir=options.config_dir)
    run = loaded.run
    named_patterns(run.patterns, sources)
    replications = 1 if run.only_replication else run.replications
    numbers = [run.only_replication] if run.only_replication else range(1, run.replications + 1)
    further = sum(r <= last for last in (loaded.worlds.fewer or {}).values() for r in numbers)
    scenarios = len(loaded.scenarios)
    noun = "scenario" if scenarios == 1 else "scenarios"
    print(f"{loaded.settings_checked} settings of {scenarios} {noun} checked, 0 problems.")
    print(f"It would make {scenarios * replications + further} runs. Nothing was run.")
    return 0
