"""The places and organisations a world starts with: areas, CRCs, owners and divisions, as frozen records.

Built from ``configs/world/*.yaml`` by ``sim.settings.world``. Nothing here is drawn and nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Area:
    """A local delivery unit.

    Attributes:
        code: for instance ``C07-3``; stable across worlds, so that luck follows the place.
        share: its share of the CRC's people, 0 to 1.
        provider_density: third-sector bodies relative to the mean area; cities have more.
    """

    code: str
    name: str
    crc: str
    share: float
    provider_density: float


@dataclass(frozen=True, slots=True)
class Crc:
    """A Community Rehabilitation Company as it stood at the start.

    Attributes:
        caseload_people: people it supervises.
        shortfall_share: paid volume below the bid in Q1 2017-18, as a share of the bid.
        bid_discount_share: discount on the ministry's maximum price.
        bid_fee_gbp_per_year: fee for service at the bid's volumes.
        book_ratio: size of the inherited contract book relative to what its caseload suggests.
    """

    code: str
    name: str
    owner: str
    division: str
    caseload_people: float
    shortfall_share: float
    bid_discount_share: float
    bid_fee_gbp_per_year: float
    book_ratio: float
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class World:
    """All places of a scenario.

    Attributes:
        national_bid_fee_gbp_per_year: fee for service of all 21 CRCs, against which a smaller world takes its share
            of national sums such as the 2017 rescue.
        national_mean_caseload_people: mean caseload of the 21 CRCs.
    """

    name: str
    crcs: tuple[Crc, ...]
    national_bid_fee_gbp_per_year: float
    national_mean_caseload_people: float

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """Every area, CRC by CRC; the index of an area everywhere is its place in this tuple."""
        return tuple(area for crc in self.crcs for area in crc.areas)

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """Owners in order of first mention."""
        return tuple(dict.fromkeys(crc.owner for crc in self.crcs))

    @cached_property
    def divisions(self) -> tuple[str, ...]:
        """NPS divisions in order of first mention."""
        return tuple(dict.fromkeys(crc.division for crc in self.crcs))

    @cached_property
    def crc_of_area(self) -> tuple[int, ...]:
        """The index of the CRC of each area."""
        return tuple(i for i, crc in enumerate(self.crcs) for _ in crc.areas)

    @cached_property
    def division_of_area(self) -> tuple[int, ...]:
        """The index of the NPS division of each area."""
        return tuple(self.divisions.index(crc.division) for crc in self.crcs for _ in crc.areas)

    @cached_property
    def caseload_of_area(self) -> tuple[float, ...]:
        """People the CRC supervises in each area."""
        return tuple(crc.caseload_people * area.share for crc in self.crcs for area in crc.areas)
