"""People: how many start supervision, for how long, with which needs, and how long they wait for help."""

from __future__ import annotations

from dataclasses import dataclass

from sim.parameters.record import Described, count, number, table

_SKETCH = "prior of the design sketch"


@dataclass(frozen=True, slots=True)
class Demand(Described):
    """Heads (people and needs) and the shortfall of paid volume: two volumes, never confused."""

    people_scale: float = number(
        "times", 0, 20, None, "set", "1 is full national scale", "every flow of people, not money"
    )
    crc_starts_per_person_supervised: float = number(
        "starts a year per person on the CRC caseload", 0, 3, (0.6, 0.8), "D",
        "108,000 CRC starts in Oct 2015-Sep 2016 (getthedata.net) over a caseload of about 155,000 (recalled)",
        "CRC arrivals", date="2016",
    )  # fmt: skip
    nps_starts_per_crc_start: float = number(
        "starts per CRC start", 0, 3, (0.3, 0.45), "D",
        "about 150,000 starts a year in all, less 110,000 CRC starts", "NPS arrivals", date="2016",
    )  # fmt: skip
    heads_growth_share: float = number(
        "share", -0.9, 3, (0.15, 0.22), "Q", "NAO Dec 2017: people supervised by CRCs +20%, Q1 2015-16 to Q1 2017-18",
        "arrivals to mid-2017", date="2017-06",
    )  # fmt: skip
    heads_growth_years: float = number(
        "years over which starts rise; people supervised follow about a year later",
        0.1,
        10,
        (1.0, 2.3),
        "J",
        "judgement, so that people supervised are up by the NAO's 20% after two and a quarter years",
        "arrivals to mid-2017",
    )
    supervision_months_crc: float = number(
        "months, mean", 0.5, 120, (12, 18), "R-", "community order 12-13 months, suspended sentence order 16-18",
        "who is still supervised when a place comes free",
    )  # fmt: skip
    supervision_months_nps: float = number(
        "months, mean", 0.5, 240, (18, 36), "R-", "longer licences of high-risk people, recalled",
        "who is still supervised when a place comes free",
    )  # fmt: skip
    supervision_log_sd: float = number(
        "log points", 0, 2, (0.3, 0.7), "J", "judgement", "spread of supervision lengths"
    )
    women_share: float = number(
        "share of people",
        0,
        1,
        (0.08, 0.12),
        "Q",
        "HMI Probation 2016: women 10% of people supervised",
        "needs by sex",
        date="2016",
    )
    young_adult_share: float = number(
        "share of people aged 18 to 24", 0, 1, (0.18, 0.3), "R-", "recalled", "young adults' services"
    )
    aged_25_to_39_share: float = number(
        "share of people", 0, 1, (0.4, 0.55), "R-", "recalled", "age in the case record only"
    )
    complexity_correlation: float = number(
        "correlation", 0, 0.95, (0.3, 0.7), "J", "judgement: needs cluster in the same people",
        "how many needs one person has",
    )  # fmt: skip
    need_share: tuple[float, ...] = table(
        "share of starts with the need (of women for women's services, of those under 25 for young adults' ones)",
        0, 1, "R-", "OASys: accommodation 39% (Q2, Oct 2024), lifestyle 71% (Q2); others from the 2021 release, recalled",
        "needs present",
    )  # fmt: skip
    specialist_share: tuple[float, ...] = table(
        "share of identified needs for which an officer wants a specialist", 0, 1, "J",
        _SKETCH + ", divided by the detection share", "referrals",
    )  # fmt: skip
    detection_share: float = number(
        "share of needs identified", 0, 1, (0.7, 0.9), "J", "judgement: needs analysis is not required and rarely done",
        "needs identified",
    )  # fmt: skip
    assessment_window_days: float = number(
        "days", 0, 365, (15, 60), "R-", "assessments are due within weeks of the start", "when a need is identified"
    )
    patience_days: float = number("days, mean", 0.1, 5000, (60, 240), "J", _SKETCH, "leaving a queue before service")
    balk_days: float = number(
        "days of posted wait at which an officer's willingness to refer falls by a factor e", 0.1, 5000, (30, 120), "J",
        _SKETCH, "where referrals go when desks are full",
    )  # fmt: skip
    service_months: float = number("months, mean", 0.05, 60, (2, 5), "J", _SKETCH, "how long a place is taken")
    service_log_sd: float = number("log points", 0, 2, (0.2, 0.8), "J", "judgement", "spread of service lengths")
    stock_years: int = count(
        "years before day 0 in which people already start", 2, 30, None, "set", "few are supervised for longer",
        "people under supervision on day 0",
    )  # fmt: skip
    warm_up_days: int = count(
        "days before day 0 in which the legacy desks already serve", 0, 720, None, "set",
        "longer than service and patience together", "stock at desks on day 0",
    )  # fmt: skip
    shortfall_scale: float = number(
        "times the shortfalls of the world file", 0, 3, (0.95, 1.05), "J", "1 keeps the world file's figures",
        "CRC income",
    )  # fmt: skip
    shortfall_spread: float = number(
        "times the spread between CRCs of the world file", 0, 3, (0.9, 1.1), "J", "1 keeps the world file's spread",
        "differences of CRC income",
    )  # fmt: skip
    shortfall_tau_years: float = number(
        "years", 0.1, 10, (1.5, 2.5), "J", _SKETCH + "; -6 to -36% by mid-2016 (PAC), -16 to -48% a year later (NAO)",
        "when income falls",
    )  # fmt: skip
    shortfall_published_years: float = number(
        "years from the start to the quarter of the published shortfalls", 0.1, 10, None, "D",
        "Q1 2017-18, two and a quarter years after February 2015 (NAO Dec 2017)", "when income falls", date="2017-06",
    )  # fmt: skip
    shortfall_cap_share: float = number(
        "share", 0, 1, (0.55, 0.7), "J", _SKETCH + ": no CRC loses more than this", "worst CRC income"
    )
