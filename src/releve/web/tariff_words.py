"""A tariff in an operator's words: what each price is for, when it applies, and what it comes to with tax."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from releve.domain.conditions import DAYS
from releve.domain.cost import taxed
from releve.domain.tariff import Bound, Component, ComponentKind, Conditions, Tariff, TaxRate
from releve.web.i18n import N_
from releve.web.present import Present

PER = {
    ComponentKind.ENERGY: N_("%(price)s per kWh"),
    ComponentKind.CHARGING_TIME: N_("%(price)s per minute of charging"),
    ComponentKind.IDLE_TIME: N_("%(price)s per minute of idling"),
    ComponentKind.FIXED_FEE: N_("%(price)s per session"),
    ComponentKind.RESERVATION_TIME: N_("%(price)s per minute of reservation"),
    ComponentKind.RESERVATION_FIXED: N_("%(price)s per reservation"),
}
RANGES = {
    "energy": (
        N_("after the first %(low)s"),
        N_("for the first %(high)s"),
        N_("between %(low)s and %(high)s of energy"),
    ),
    "power": (N_("from %(low)s on"), N_("below %(high)s"), N_("from %(low)s to below %(high)s")),
    "current": (N_("from %(low)s on"), N_("below %(high)s"), N_("from %(low)s to below %(high)s")),
    "time": (
        N_("later than %(low)s after the start"),
        N_("in the first %(high)s"),
        N_("between %(low)s and %(high)s after the start"),
    ),
    "charging_time": (
        N_("after %(low)s of charging"),
        N_("in the first %(high)s of charging"),
        N_("between %(low)s and %(high)s of charging"),
    ),
    "idle_time": (
        N_("after %(low)s of idling"),
        N_("in the first %(high)s of idling"),
        N_("between %(low)s and %(high)s of idling"),
    ),
}
"""Words for a low end, a high end, and both."""


class TariffWords:
    """text: translates. fmt: numbers, durations and dates as the person is used to them."""

    def __init__(self, text: Callable[[str], str], fmt: Present) -> None:
        self._text = text
        self._fmt = fmt

    def lines(self, tariff: Tariff) -> list[str]:
        """The whole tariff, a line for each price, in the order in which prices are tried."""
        said = [
            line for kind, part in tariff.components for line in self.component(tariff, kind, part)
        ]
        for bound, words in (
            (tariff.min_cost, N_("at least %(price)s a transaction")),
            (tariff.max_cost, N_("at most %(price)s a transaction")),
        ):
            if bound is not None:
                price = self._bound(bound, tariff.currency)
                said.append(self._text(words) % {"price": price})
        return [line[0].upper() + line[1:] for line in said]

    def component(self, tariff: Tariff, kind: ComponentKind, part: Component) -> list[str]:
        """Its prices: the first whose conditions hold counts."""
        said = []
        for element in part.prices:
            price = self.price(kind, element.price, tariff.currency, part.tax_rates)
            when = self.when(element.conditions)
            if when:
                said.append(self._text(N_("%(price)s: %(when)s")) % {"price": price, "when": when})
            elif said:
                said.append(self._text(N_("otherwise %(price)s")) % {"price": price})
            else:
                said.append(price)
        if part.prices and part.prices[-1].conditions is not None:
            said[-1] = self._text(N_("%(price)s; otherwise nothing")) % {"price": said[-1]}
        return said

    def price(
        self, kind: ComponentKind, price: Decimal, currency: str, rates: tuple[TaxRate, ...]
    ) -> str:
        """A price with its unit, and what it is with tax."""
        said = self._text(PER[kind]) % {"price": self.money(price, currency)}
        if not rates:
            return said
        gross = self.money(taxed(price, rates), currency)
        return f"{said} ({self._text(N_('%(price)s with tax')) % {'price': gross}})"

    def when(self, conditions: Conditions | None) -> str:
        """Conditions; empty: always."""
        if conditions is None:
            return ""
        said = [self._days(conditions), self._hours(conditions), self._dates(conditions)]
        if conditions.evse_kind:
            said.append(self._text(N_("at %(kind)s EVSEs")) % {"kind": conditions.evse_kind})
        said += [self._range(name, conditions) for name in RANGES]
        for payment in (conditions.payment_brand, conditions.payment_recognition):
            if payment:
                said.append(self._text(N_("paid by %(name)s")) % {"name": payment})
        return ", ".join(filter(None, said))

    def _days(self, c: Conditions) -> str:
        """Days in a row as `Monday to Friday`."""
        names = self._fmt.weekdays
        chosen = [number for number, day in enumerate(DAYS) if day in c.day_of_week]
        runs: list[list[int]] = []
        for number in chosen:
            if runs and runs[-1][-1] == number - 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        said = []
        for run in runs:
            if len(run) > 2:
                ends = {"first": names[run[0]], "last": names[run[-1]]}
                said.append(self._text(N_("%(first)s to %(last)s")) % ends)
            else:
                said += [names[number] for number in run]
        return ", ".join(said)

    def _hours(self, c: Conditions) -> str:
        return self._span(
            c.start_time_of_day,
            c.end_time_of_day,
            (N_("from %(start)s on"), N_("until %(end)s"), N_("from %(start)s to %(end)s")),
        )

    def _dates(self, c: Conditions) -> str:
        """The last day is said, where the tariff has the day after it."""
        last = c.valid_to_date and date.fromisoformat(c.valid_to_date) - timedelta(days=1)
        first = c.valid_from_date and date.fromisoformat(c.valid_from_date)
        return self._span(
            format_date(first, "d MMM y", locale=self._fmt.locale) if first else None,
            format_date(last, "d MMM y", locale=self._fmt.locale) if last else None,
            (N_("from %(start)s on"), N_("until %(end)s"), N_("from %(start)s to %(end)s")),
        )

    def _span(self, start: str | None, end: str | None, words: tuple[str, str, str]) -> str:
        if start is None and end is None:
            return ""
        chosen = words[2] if start and end else words[0] if start else words[1]
        return self._text(chosen) % {"start": start, "end": end}

    def _range(self, name: str, c: Conditions) -> str:
        low, high = getattr(c, f"min_{name}"), getattr(c, f"max_{name}")
        if low is None and high is None:
            return ""
        words = RANGES[name][2 if low is not None and high is not None else low is None]
        ends = {"low": self._amount(name, low), "high": self._amount(name, high)}
        return self._text(words) % ends

    def _amount(self, name: str, value: Decimal | int | None) -> str:
        if value is None:
            return ""
        if name == "current":
            return f"{self._fmt.number(value, 3)}\u00a0A"
        if name in ("energy", "power"):
            unit = "kWh" if name == "energy" else "kW"
            return f"{self._fmt.number(Decimal(value) / 1000, 6)}\u00a0{unit}"
        return self._fmt.span(float(value))

    def _bound(self, bound: Bound, currency: str) -> str:
        net = None if bound.excl_tax is None else self.money(bound.excl_tax, currency)
        gross = None if bound.incl_tax is None else self.money(bound.incl_tax, currency)
        said = [self._text(N_("%(price)s without tax")) % {"price": net}] if net else []
        if gross:
            said.append(self._text(N_("%(price)s with tax")) % {"price": gross})
        return ", ".join(said)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with at least two digits behind the point, and no more than it has."""
        number = format_decimal(amount, format="#,##0.00####", locale=self._fmt.locale)
        return f"{number}\u00a0{currency}"
