"""A world file into places and organisations, with every figure's grade and source kept for the register.

A figure is a bare number, whose grade and source are those of its column in ``figures``, or a mapping with
``value``, ``grade``, ``source`` and ``date`` of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sim.parameters.places import AREA_FIGURES, CRC_FIGURES, NATIONAL_FEE, Figure
from sim.parameters.record import GRADES, Spec, dated
from sim.settings.problems import CROSS, NAME, Problem, did_you_mean, listing, shown
from sim.settings.values import MISSING, check
from sim.world.places import Area, Crc, World

_CODE: Final = re.compile(r"C\d\d")
_WORLD_KEYS: Final = (
    "name",
    "keep",
    "national_bid_fee_gbp_per_year",
    "owners",
    "divisions",
    "figures",
    "crcs",
)
_FIGURE_KEYS: Final = ("value", "grade", "source", "date", "plausible", "plausible_factors")
_CRC_KEYS: Final = ("name", "area_name", "owner", "division", *CRC_FIGURES, "areas")
_AREA_COLUMNS: Final = {"shares": "share", "provider_density": "provider_density"}
_TOLERANCE: Final = 1e-6
Given = Mapping[str, Any]


def build_world(given: Given) -> tuple[World | None, tuple[Figure, ...], list[Problem]]:
    """The world of a mapping (None when something is wrong), the figures it rests on, and what is wrong."""
    reader = _Reader(given)
    world = reader.world()
    return (None if reader.problems else world), tuple(reader.figures), reader.problems


class _Reader:
    """Reads one world file; problems and figures gather on the way."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.problems: list[Problem] = []
        self.figures: list[Figure] = []
        columns = given.get("figures")
        self.columns: Given = columns if isinstance(columns, Mapping) else {}

    def world(self) -> World | None:
        given = self.given
        if not given:
            self.say("world", "the world is empty")
            return None
        self.unknown("world", given, _WORLD_KEYS)
        name = self.words("world.name", given.get("name"))
        fee = self.figure("world.national_bid_fee_gbp_per_year", NATIONAL_FEE, given)
        owners = self.names("world.owners", given.get("owners"))
        divisions = self.names("world.divisions", given.get("divisions"))
        crcs = given.get("crcs")
        if not isinstance(crcs, Mapping) or not crcs:
            self.say("world.crcs", "world.crcs is empty: a world needs at least one CRC")
            return None
        kept = self.kept(given.get("keep", "all"), tuple(map(str, crcs)))
        read = [self.crc(str(code), crc, owners, divisions, str(code) in kept) for code, crc in crcs.items()]
        if self.problems:
            return None
        caseloads = [crc.caseload_people for crc in read if crc]
        return World(
            name=name,
            crcs=tuple(crc for crc in read if crc and crc.code in kept),
            national_bid_fee_gbp_per_year=fee,
            national_mean_caseload_people=sum(caseloads) / len(caseloads),
        )

    def kept(self, keep: Any, codes: tuple[str, ...]) -> tuple[str, ...]:
        if keep == "all":
            return codes
        if not isinstance(keep, list) or not keep:
            self.say(
                "world.keep",
                f"world.keep must be all, or a list of CRC codes like [C03, C09]; got {shown(keep)}",
            )
            return ()
        for position, code in enumerate(keep):
            if code not in codes:
                advice = (*did_you_mean(str(code), codes), f"there are   {codes[0]} to {codes[-1]}")
                self.say("world.keep", f"there is no CRC {shown(code)} in this world", advice, NAME)
            elif code in keep[:position]:
                self.say("world.keep", f"world.keep names {code} twice")
        return tuple(map(str, keep))

    def crc(self, code: str, given: Any, owners: list[str], divisions: list[str], keep: bool) -> Crc | None:
        where = f"world.crcs.{code}"
        if not _CODE.fullmatch(code):
            self.say(where, f"a CRC's code must be C and two digits, got {shown(code)}", rank=NAME)
        if not isinstance(given, Mapping):
            self.say(where, f"{where} must hold the CRC's figures, got {shown(given)}")
            return None
        self.unknown(where, given, _CRC_KEYS)
        name = self.words(f"{where}.name", given.get("name"))
        owner = self.one_of(f"{where}.owner", given.get("owner"), owners, "owner", keep)
        division = self.one_of(f"{where}.division", given.get("division"), divisions, "NPS division", keep)
        numbers = {
            key: self.figure(f"{where}.{key}", spec, given, f"world.{code}.{key}" if keep else "")
            for key, spec in CRC_FIGURES.items()
        }
        areas = self.areas(code, given, given.get("area_name", name), keep)
        return Crc(code=code, name=name, owner=owner, division=division, areas=areas, **numbers)

    def areas(self, code: str, given: Given, area_name: Any, keep: bool) -> tuple[Area, ...]:
        where, columns = f"world.crcs.{code}.areas", given.get("areas")
        if not isinstance(columns, Mapping):
            self.say(where, f"{where} must hold shares and provider_density, got {shown(columns)}")
            return ()
        self.unknown(where, columns, tuple(_AREA_COLUMNS))
        shares, densities = (self.column(where, key, columns.get(key)) for key in _AREA_COLUMNS)
        if not shares or not densities:
            return ()
        if len(shares) != len(densities):
            self.say(where, f"{where} has {len(shares)} shares but {len(densities)} densities", rank=CROSS)
            return ()
        if abs(sum(shares) - 1) > _TOLERANCE:
            self.say(f"{where}.shares", f"{where}.shares must sum to 1, got {sum(shares):.6g}", rank=CROSS)
        codes = [f"{code}-{k}" for k in range(1, len(shares) + 1)]
        if keep:
            for area, share, density in zip(codes, shares, densities, strict=True):
                self.note(f"world.{area}.share", share, AREA_FIGURES["share"], "area_share", {})
                self.note(f"world.{area}.provider_density", density, AREA_FIGURES["provider_density"],
                          "area_provider_density", {})  # fmt: skip
        return tuple(
            Area(area, f"{area_name} {k}", code, share, density)
            for k, (area, share, density) in enumerate(zip(codes, shares, densities, strict=True), 1)
        )

    def column(self, where: str, key: str, values: Any) -> list[float]:
        if not isinstance(values, list) or not values:
            self.say(f"{where}.{key}", f"{where}.{key} must be a list of numbers, one an area; got {shown(values)}")
            return []
        before = len(self.problems)
        spec = AREA_FIGURES[_AREA_COLUMNS[key]]
        numbers = [self.number(f"{where}.{key}.{i}", spec, value) for i, value in enumerate(values)]
        return [] if len(self.problems) > before else numbers

    def figure(self, setting: str, spec: Spec, holder: Given, note: str | None = None) -> float:
        """The number of a figure; its grade and source are noted unless ``note`` is empty."""
        column = setting.rpartition(".")[2]
        given = holder.get(column, MISSING)
        own: Given = {}
        if isinstance(given, Mapping):
            own = given
            self.unknown(setting, given, _FIGURE_KEYS)
            setting, given = f"{setting}.value", given.get("value", MISSING)
        value = self.number(setting, spec, given)
        if note != "":
            self.note(note or setting.removesuffix(".value"), value, spec, column, own)
        return value

    def number(self, setting: str, spec: Spec, given: Any) -> float:
        value, faults = check(spec, given)
        for fault in faults:
            self.say(setting, f"{setting} {fault.rule}", (*fault.advice, f"unit   {spec.unit}"))
        return float(value) if value is not None else 0.0

    def note(self, name: str, value: float, spec: Spec, column: str, own: Given) -> None:
        default = self.columns.get(column)
        default = default if isinstance(default, Mapping) else {"grade": "set", "source": "set for this run"}
        grade = str(own.get("grade", default.get("grade", "J")))
        if grade not in GRADES:
            self.say(f"world.figures.{column}", f"{grade!r} is not an evidence grade; they are {listing(GRADES)}")
        if "grade" not in own:
            own = {**default, **own}
        self.figures.append(
            Figure(
                name=name,
                value=value,
                unit=spec.unit,
                grade=grade,
                source=str(own.get("source", "")),
                date=dated(grade, str(own.get("date", ""))),
                low=spec.low,
                high=spec.high,
                drives=spec.drives,
                plausible=self.plausible(name, value, spec, own),
            )
        )

    def plausible(self, name: str, value: float, spec: Spec, own: Given) -> tuple[float, float] | None:
        """The range a figure may plausibly lie in, from its own words or as factors of its value; None without one."""
        for key, times in (("plausible", 1.0), ("plausible_factors", value)):
            given = own.get(key)
            if given is None:
                continue
            pair = given if isinstance(given, list) and len(given) == 2 else []
            if not pair or not all(isinstance(end, int | float) for end in pair) or pair[0] > pair[1]:
                self.say(name, f"{name}: {key} must be two numbers, the lower first; got {shown(given)}")
                return None
            low, high = (round(times * end, 6) if key != "plausible" else end for end in pair)
            return max(low, spec.low), min(high, spec.high)
        return None

    def one_of(self, setting: str, given: Any, known: list[str], noun: str, keep: bool) -> str:
        if given not in known:
            advice = (*did_you_mean(str(given), known), f"known   {listing(known)}")
            self.say(setting, f"there is no {noun} called {shown(given)}", advice, NAME)
        elif keep:
            column = setting.rpartition(".")[2]
            name = setting.replace("world.crcs.", "world.")
            source = self.columns.get(column)
            source = source if isinstance(source, Mapping) else {}
            grade, words = str(source.get("grade", "set")), str(source.get("source", "set for this run"))
            self.figures.append(Figure(name, str(given), noun, grade, words, dated(grade, str(source.get("date", "")))))
        return str(given)

    def words(self, setting: str, given: Any) -> str:
        if not isinstance(given, str) or not given.strip():
            self.say(setting, f"{setting} must be a name, got {shown(given)}")
        return str(given)

    def names(self, setting: str, given: Any) -> list[str]:
        if not isinstance(given, list) or not given or not all(isinstance(name, str) for name in given):
            self.say(setting, f"{setting} must be a list of names, got {shown(given)}")
            return []
        if len(set(given)) < len(given):
            twice = next(name for name in given if given.count(name) > 1)
            self.say(setting, f"{setting} names {twice} twice")
        return given

    def unknown(self, where: str, given: Given, known: tuple[str, ...]) -> None:
        for key in given:
            if key not in known:
                advice = did_you_mean(f"{where}.{key}", [f"{where}.{name}" for name in known])
                self.say(f"{where}.{key}", f'"{where}.{key}" is not a setting', advice, NAME)

    def say(self, setting: str, what: str, advice: tuple[str, ...] = (), rank: int = 2) -> None:
        self.problems.append(Problem(setting, what, advice=advice, rank=rank))
