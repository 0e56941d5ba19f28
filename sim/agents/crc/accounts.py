"""A CRC's money: what it is paid, what it costs, what it forecasts, and the pressure it feels.

Equations from the design's account of the published totals (docs/model.md, "The CRC's account"). Income follows paid
volume in bands, cost follows fixed cost, paid volume and heads; the forecast carries the bid's hoped-for payment by
results until the first results, then what is seen. Pressure is smooth in the gap to the wanted margin.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR
from sim.ledger import WORLD
from sim.world.places import Crc

if TYPE_CHECKING:
    from sim.system import System


class Accounts:
    """Income, cost, forecast and pressure of one CRC.

    Attributes:
        pressure_share: financial pressure, 0 to 1.
        cut_share: in-house fixed cost cut so far, share.
        result_gbp: income less cost since the start.
        rescue_gbp_per_month: what the contract variation adds.
        forecast_gbp: result to contract end as last forecast.
    """

    def __init__(self, system: System, crc: Crc, index: int) -> None:
        finance, luck = system.scenario.finance, system.luck
        self._system = system
        self.crc = crc
        self._index = index
        self.account = f"crc:{crc.code}"
        self.fee_gbp_per_year = crc.bid_fee_gbp_per_year
        bid_cost = finance.bid_cost_share * self.fee_gbp_per_year * (1.0 + finance.bid_optimism_share)
        true_cost = bid_cost * luck.lognormal(1.0, finance.bid_cost_log_sd, "bid cost", crc.code)
        self._in_house_gbp_per_year = true_cost - finance.planned_chain_share * self.fee_gbp_per_year
        self._full_shortfall = self._asymptote()
        z = luck.normal("payment by results", crc.code)
        self._pbr_seen_share = finance.pbr_seen_share + finance.pbr_seen_sd * z
        self._first_results_day = system.calendar.day(finance.pbr_first_results)
        self._end_day = system.calendar.day(system.scenario.horizon.contract_end) + 1
        self.added_in_house_gbp_per_year = 0.0  # services brought in-house since the start
        self.pressure_share = 0.0
        self.cut_share = 0.0
        self.result_gbp = 0.0
        self.rescue_gbp_per_month = 0.0
        self.forecast_gbp = 0.0
        self.month_income_gbp = 0.0
        self.month_cost_gbp = 0.0
        self.month_chain_gbp = 0.0
        self._year_income: deque[float] = deque(maxlen=12)

    # --- volumes -------------------------------------------------------------------------------------------------

    def _asymptote(self) -> float:
        """The shortfall approached in the long run, from the one published for Q1 2017-18."""
        demand, world = self._system.scenario.demand, self._system.world
        mean = sum(c.shortfall_share for c in world.crcs) / len(world.crcs)
        share = mean + demand.shortfall_spread * (self.crc.shortfall_share - mean)
        share *= demand.shortfall_scale
        return share / (1.0 - math.exp(-demand.shortfall_published_years / demand.shortfall_tau_years))

    def shortfall(self, day: float) -> float:
        """Paid volume below the bid on a day, share: s = min(cap, s_inf (1 - exp(-t/tau)))."""
        if day <= 0 or not self._system.scenario.finance.volume_risk:
            return 0.0
        demand = self._system.scenario.demand
        grown = 1.0 - math.exp(-day / DAYS_PER_YEAR / demand.shortfall_tau_years)
        return min(demand.shortfall_cap_share, self._full_shortfall * grown)

    def _banded(self, paid: float) -> float:
        """The fee paid, as a share of the bid's: by volume in bands, but for the part that a reform has fixed."""
        step = self._system.scenario.finance.band_step_share
        fixed = self._system.rules.fixed_fee_share
        return fixed + (1.0 - fixed) * round(paid / step) * step

    # --- a month -------------------------------------------------------------------------------------------------

    def receive_month(self, unmet_share: float) -> None:
        """Be paid for the month: fee by paid volume, the variation's money, payment by results, credits.

        Args:
            unmet_share: share of its people's identified needs of the month that went unmet.
        """
        system, finance = self._system, self._system.scenario.finance
        months = system.month_length
        paid = self._banded(1.0 - self.shortfall(system.now))
        fee = self.fee_gbp_per_year / 12.0 * paid * months
        credit = fee * finance.service_credit_share * unmet_share * (1.0 - finance.service_credit_waived_share)
        pay = system.ministry.pay
        income = pay(self.account, fee, "fee for service")
        income -= system.ministry.take(self.account, credit, "service credits")
        income += pay(self.account, self.rescue_gbp_per_month * months, "contract variation")
        if self._results_are_in():
            income += pay(self.account, self.pbr_gbp_per_month() * months, "payment by results")
        self.month_income_gbp += income
        self._bear_duty()

    def _bear_duty(self) -> None:
        """Where a duty to spend is in force, lose a share of what the supply chain was paid too little."""
        rules = self._system.rules
        short = rules.least_spend_share * self.month_income_gbp - self.month_chain_gbp
        if rules.least_spend_credit_share > 0.0 and short > 0.0:
            credit = rules.least_spend_credit_share * short
            ministry = self._system.ministry
            self.month_income_gbp -= ministry.take(self.account, credit, "credits for the duty to spend")

    def receive(self, gbp: float) -> None:
        """Count other income of the month (card sales) already in the account."""
        self.month_income_gbp += gbp

    def spend(self, gbp: float, *, on_chain: bool = True) -> None:
        """Count cost of the month already paid from the account: on the supply chain, or on its own card cases."""
        self.month_cost_gbp += gbp
        if on_chain:
            self.month_chain_gbp += gbp

    def close_month(self) -> None:
        """Pay its own cost and add the month to the result."""
        system = self._system
        cost = self.in_house_gbp_per_year(self.shortfall(system.now), self.cut_share) / 12.0 * system.month_length
        self.month_cost_gbp += system.ledger.transfer(self.account, WORLD, cost, "in-house cost")
        self.result_gbp += self.month_income_gbp - self.month_cost_gbp
        self._year_income.append(self.month_income_gbp / max(system.month_length, 1e-9))
        finance = system.scenario.finance
        more = finance.in_house_cut_rate_per_year * self.pressure_share * system.month_length / 12.0
        self.cut_share = min(finance.in_house_cut_max_share, self.cut_share + more)

    def start_month(self) -> None:
        """Begin the next month's sums."""
        self.month_income_gbp = self.month_cost_gbp = self.month_chain_gbp = 0.0

    def in_house_gbp_per_year(self, shortfall: float, cut: float) -> float:
        """Its own cost a year: fixed cost after cuts, and variable cost following paid volume and heads."""
        finance = self._system.scenario.finance
        fixed, theta = finance.fixed_cost_share, finance.variable_follows_paid_share
        heads = self._system.heads_ratio(self._index)
        variable = theta * (1.0 - shortfall) + (1.0 - theta) * heads
        own = self._in_house_gbp_per_year * (fixed * (1.0 - cut) + (1.0 - fixed) * variable)
        return own + self.added_in_house_gbp_per_year

    def pbr_gbp_per_month(self) -> float:
        """Payment by results as it turns out: for the whole term, paid over the months after the first results."""
        first, end = self._first_results_day, self._end_day
        return self._pbr_seen_share * self._pbr_bid_gbp_per_month() * end / max(end - first, DAYS_PER_MONTH)

    def _pbr_bid_gbp_per_month(self) -> float:
        return self._system.scenario.finance.pbr_bid_share * self.fee_gbp_per_year / 12.0

    def _results_are_in(self) -> bool:
        return self._system.now > self._first_results_day

    def income_gbp_per_year(self) -> float:
        """Income of the last year, scaled up while fewer months have passed."""
        if not self._year_income:
            return self.fee_gbp_per_year
        return sum(self._year_income) * 12.0 / len(self._year_income)

    # --- forecast and pressure -----------------------------------------------------------------------------------

    def remaining_months(self) -> float:
        """Months from now to the planned contract end."""
        return max(0.0, (self._end_day - self._system.now) / DAYS_PER_YEAR * 12.0)

    def outlook(self, chain_gbp_per_year: float) -> tuple[float, float]:
        """Income and cost over the rest of the contract, GBP, as the CRC sees them now.

        Volume is expected to move once more as a share of the last year's move; cutting goes on for a while;
        payment by results is the whole of the bid's until results are in, then what is seen.
        """
        system, finance = self._system, self._system.scenario.finance
        months = self.remaining_months()
        now = self.shortfall(system.now)
        moved = now - self.shortfall(system.now - DAYS_PER_YEAR)
        shortfall = min(system.scenario.demand.shortfall_cap_share, now + finance.forecast_trend_share * moved)
        fee = self.fee_gbp_per_year / 12.0 * self._banded(1.0 - shortfall)
        income = months * (fee + self.rescue_gbp_per_month)
        if self._results_are_in():
            income += months * self.pbr_gbp_per_month()
        else:
            term_months = months + system.now / DAYS_PER_YEAR * 12.0
            income += term_months * self._pbr_bid_gbp_per_month()
        cut = min(
            finance.in_house_cut_max_share,
            self.cut_share + finance.in_house_cut_rate_per_year * self.pressure_share * finance.forecast_cut_years,
        )
        cost = months / 12.0 * (self.in_house_gbp_per_year(shortfall, cut) + chain_gbp_per_year)
        return income, cost

    def renew_forecast(self, chain_gbp_per_year: float) -> None:
        """Forecast the result to contract end."""
        income, cost = self.outlook(chain_gbp_per_year)
        self.forecast_gbp = self.result_gbp + income - cost

    def renew_pressure(self, chain_gbp_per_year: float) -> None:
        """Move pressure towards what the gap to the wanted margin calls for.

        gap = wanted - margin on the remaining term + recoupment x accumulated loss / max(remaining income, floor);
        target = 1 - exp(-scale x gap / g).
        """
        finance = self._system.scenario.finance
        income, cost = self.outlook(chain_gbp_per_year)
        yearly = self.income_gbp_per_year()
        floor = finance.recoupment_floor_years * yearly
        margin = (income - cost) / income if income > 0.0 else 0.0
        loss = max(0.0, -self.result_gbp)
        recoup = finance.recoupment_share * loss / max(income, floor) if max(income, floor) > 0.0 else 0.0
        gap = max(0.0, finance.wanted_margin_share - margin + recoup)
        target = 1.0 - math.exp(-finance.pressure_scale * gap / finance.pressure_gap_share)
        self.pressure_share += finance.pressure_smoothing_share * (target - self.pressure_share)
