"""Reckoning: a tariff and the course of a transaction in, its cost out. Pure; the same rules running and at the end.

Times of the course are the transaction's own. Between two register readings the energy is spread evenly, and power is
the mean of that time: so that a cost can be reckoned again from the registers alone. Where nothing tells charging from
idling (1.6 says it only in statuses), a time counts as idle when its mean power is below `IDLE_BELOW_W`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from releve.domain.conditions import Situation, holds, local_marks
from releve.domain.cost import FINE, Cost, CostKind, CostLine, CostPeriod, Usage, payable, taxed
from releve.domain.station import ChargingState
from releve.domain.tariff import (
    Bound,
    ComponentKind,
    Conditions,
    Tariff,
)

IDLE_BELOW_W = 100.0
PHASE_V = 230.0
KEPT_PERIODS = 1000
UNIT = {
    ComponentKind.ENERGY: Decimal(1000),
    ComponentKind.CHARGING_TIME: Decimal(60),
    ComponentKind.IDLE_TIME: Decimal(60),
    ComponentKind.RESERVATION_TIME: Decimal(60),
}
"""How many of the reckoned units (Wh, s) a price is for."""


class Moment(msgspec.Struct, frozen=True, order=True):
    """What is known at an instant. energy_wh: delivered since the start. None: not told at that instant."""

    at: datetime
    energy_wh: float | None = None
    charging: ChargingState | None = None


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed when a transaction begins. reserved_s: how long the EVSE was held for the driver before it."""

    at: datetime
    evse_kind: str | None = None
    payment_brand: str | None = None
    payment_recognition: str | None = None
    reserved: bool = False
    reserved_s: float = 0.0


class RunningCost:
    """The cost of a transaction so far. Mutable: one `take` for each moment, in order; each costs the same little."""

    def __init__(self, tariff: Tariff, beginning: Beginning) -> None:
        self.tariff = tariff
        self._tariffs = [tariff]
        self._tariff_id = tariff.tariff_id
        self._beginning = beginning
        self._zone = zone(tariff.time_zone)
        self._at = self._register_at = self._idle_from = beginning.at
        self._register_wh = 0.0
        self._state: ChargingState | None = None
        self._energy_wh = self._charging_s = self._idle_s = 0.0
        self._idle_run_s = 0.0
        self._power_w: float | None = None
        self._volumes: dict[tuple[int, ComponentKind, int], float] = {}
        self._periods: list[tuple[tuple[int, ...], datetime, list[float]]] = []
        self._fixed()

    # --- taking in ----------------------------------------------------------------------------------------------

    def take(self, moment: Moment) -> None:
        """Carry on to a moment. One that lies before the last adds no time; a register that fell adds no energy."""
        energy = moment.energy_wh
        if energy is not None and moment.at > self._register_at:
            hours = (moment.at - self._register_at).total_seconds() / 3600
            self._power_w = max(0.0, energy - self._register_wh) / hours
        if moment.at > self._at:
            self._spend_time(moment.at)
        if energy is not None and energy >= self._register_wh:
            self._spend_energy(max(moment.at, self._register_at), energy)
        if moment.charging is not None:
            self._state = moment.charging

    def switch(self, tariff: Tariff, at: datetime) -> None:
        """Go on with another tariff; what has been used stays priced as it was (I11.FR.08). Fees are not due again."""
        self.take(Moment(at))
        self.tariff, self._tariff_id = tariff, tariff.tariff_id
        self._tariffs.append(tariff)

    @property
    def idle(self) -> bool:
        """Whether the time since the last moment counts as idle."""
        if self._state is None:
            return self._power_w is not None and self._power_w < IDLE_BELOW_W
        return self._state is not ChargingState.CHARGING

    def _fixed(self) -> None:
        """What is judged once, at the start: fixed fees, and what a reservation costs (I12.FR.06)."""
        begin = self._beginning
        volumes = {ComponentKind.FIXED_FEE: 1.0}
        if begin.reserved:
            volumes[ComponentKind.RESERVATION_FIXED] = 1.0
            volumes[ComponentKind.RESERVATION_TIME] = begin.reserved_s
        situation = self._situation(begin.at)
        for kind, volume in volumes.items():
            self._use(kind, volume, situation)

    def _spend_time(self, until: datetime) -> None:
        idle = self.idle
        kind = ComponentKind.IDLE_TIME if idle else ComponentKind.CHARGING_TIME
        if not idle:
            self._idle_run_s = 0.0
        for start, end in self._slices(kind, self._at, until):
            seconds = (end - start).total_seconds()
            situation = self._situation(start + (end - start) / 2, ahead_s=seconds / 2)
            self._note_period(start, situation)[2 if idle else 1] += seconds
            self._use(kind, seconds, situation)
            if idle:
                self._idle_s += seconds
                self._idle_run_s += seconds
            else:
                self._charging_s += seconds
            self._at = end

    def _spend_energy(self, at: datetime, energy_wh: float) -> None:
        span = at - self._register_at
        total = energy_wh - self._register_wh
        if total > 0:
            begin_wh = self._energy_wh
            marks = self._energy_marks(begin_wh, total, self._register_at, span)
            for start, end in self._slices(ComponentKind.ENERGY, self._register_at, at, marks):
                part = total if not span else total * ((end - start) / span)
                middle = start + (end - start) / 2
                situation = self._situation(middle, energy_wh=self._energy_wh + part / 2)
                self._note_period(start, situation)[0] += part
                self._use(ComponentKind.ENERGY, part, situation)
                self._energy_wh += part
        self._register_at, self._register_wh = at, energy_wh

    def _use(self, kind: ComponentKind, volume: float, situation: Situation) -> None:
        found = self._first(kind, situation)
        if found is not None:
            key = (len(self._tariffs), kind, found)
            self._volumes[key] = self._volumes.get(key, 0.0) + volume

    def _first(self, kind: ComponentKind, situation: Situation) -> int | None:
        """The first price that applies counts, the others do not (I12.FR.34)."""
        component = self.tariff.component(kind)
        for at, element in enumerate(component.prices if component is not None else ()):
            if holds(element.conditions, situation):
                return at
        return None

    def _situation(
        self, at: datetime, *, energy_wh: float | None = None, ahead_s: float = 0.0
    ) -> Situation:
        idle = self.idle
        power = self._power_w
        return Situation(
            local=at.astimezone(self._zone),
            energy_wh=self._energy_wh if energy_wh is None else energy_wh,
            power_w=power,
            current_a=None if power is None else power / PHASE_V,
            time_s=max(0.0, (at - self._beginning.at).total_seconds()),
            charging_s=self._charging_s + (0.0 if idle else ahead_s),
            idle_s=self._idle_run_s + (ahead_s if idle else 0.0),
            evse_kind=self._beginning.evse_kind,
            payment_brand=self._beginning.payment_brand,
            payment_recognition=self._beginning.payment_recognition,
        )

    # --- slices: where another price may begin to apply ---------------------------------------------------------

    def _slices(
        self,
        kind: ComponentKind,
        start: datetime,
        end: datetime,
        more: Iterable[datetime] = (),
    ) -> Iterable[tuple[datetime, datetime]]:
        component = self.tariff.component(kind)
        conditions = [e.conditions for e in component.prices if e.conditions] if component else []
        if not conditions or start >= end:
            return [(start, end)]
        marks = {*more, *local_marks(conditions, start, end, self._zone)}
        marks.update(self._duration_marks(conditions, start))
        edges = [start, *sorted(m for m in marks if start < m < end), end]
        return list(pairwise(edges))

    def _duration_marks(self, conditions: list[Conditions], start: datetime) -> Iterable[datetime]:
        idle = self.idle
        for c in conditions:
            for whole in (c.min_time, c.max_time):
                if whole is not None:
                    yield self._beginning.at + timedelta(seconds=whole)
            for limit in (c.min_idle_time, c.max_idle_time) if idle else ():
                if limit is not None:
                    yield start + timedelta(seconds=limit - self._idle_run_s)
            for limit in () if idle else (c.min_charging_time, c.max_charging_time):
                if limit is not None:
                    yield start + timedelta(seconds=limit - self._charging_s)

    def _energy_marks(
        self, begin_wh: float, total: float, start: datetime, span: timedelta
    ) -> Iterable[datetime]:
        component = self.tariff.energy
        for element in component.prices if component is not None else ():
            c = element.conditions
            for limit in (c.min_energy, c.max_energy) if c is not None else ():
                if limit is not None and 0 < float(limit) - begin_wh < total:
                    yield start + span * ((float(limit) - begin_wh) / total)

    def _note_period(self, start: datetime, situation: Situation) -> list[float]:
        """The amounts of the period that runs: another one begins when other prices apply (I12.FR.36)."""
        used = tuple(
            -1 if (found := self._first(kind, situation)) is None else found
            for kind in (
                ComponentKind.ENERGY,
                ComponentKind.CHARGING_TIME,
                ComponentKind.IDLE_TIME,
            )
        )
        last = self._periods[-1] if self._periods else None
        if last is None or (last[0] != used and len(self._periods) < KEPT_PERIODS):
            last = (used, start, [0.0, 0.0, 0.0])
            self._periods.append(last)
        return last[2]

    # --- the cost -----------------------------------------------------------------------------------------------

    def total(self) -> Decimal:
        """What the driver would pay now: `cost().incl_tax` without its breakdown, for the hot path."""
        net, gross = self._sums()
        return payable(bounded(self.tariff, net, gross, ended=False)[1], self.tariff.currency)

    def _sums(self) -> tuple[Decimal, Decimal]:
        """The whole without and with tax, not rounded."""
        net = gross = Decimal(0)
        for kind in ComponentKind:
            for _, part, with_tax in self._used(kind):
                net += part
                gross += with_tax
        return net, gross

    def cost(self, at: datetime | None = None, *, ended: bool = False) -> Cost:
        """The cost up to the last moment. ended: a least cost applies only then (I12.FR.38)."""
        lines = tuple(line for kind in ComponentKind if (line := self._line(kind)) is not None)
        currency = self.tariff.currency
        net, gross = self._sums()
        net, gross, kind_of_cost = bounded(self.tariff, net, gross, ended=ended)
        return Cost(
            tariff=self._tariff_id,
            tariff_name=self.tariff.name,
            currency=currency,
            excl_tax=payable(net, currency),
            incl_tax=payable(gross, currency),
            kind=kind_of_cost,
            lines=lines,
            periods=tuple(
                CostPeriod(start=start, energy_wh=wh, charging_s=charging, idle_s=idle)
                for _, start, (wh, charging, idle) in self._periods
            ),
            usage=Usage(
                energy_wh=round(self._energy_wh, 3),
                charging_s=round(self._charging_s, 3),
                idle_s=round(self._idle_s, 3),
                reserved_s=self._beginning.reserved_s,
            ),
            at=at or self._at,
        )

    def _used(self, kind: ComponentKind) -> list[tuple[Decimal, Decimal, Decimal]]:
        """Each volume of a component in the unit of its price, with its cost without and with tax."""
        used = []
        unit = UNIT.get(kind, Decimal(1))
        for (at, of, place), amount in self._volumes.items():
            component = self._tariffs[at - 1].component(kind) if of is kind else None
            if component is not None:
                volume = Decimal(str(round(amount, 6))) / unit
                net = volume * component.prices[place].price
                used.append((volume, net, taxed(net, component.tax_rates)))
        return used

    def _line(self, kind: ComponentKind) -> CostLine | None:
        used = self._used(kind)
        if not used:
            return None
        volume, net, gross = (sum(column, Decimal(0)) for column in zip(*used, strict=True))
        return CostLine(
            component=kind,
            volume=volume.quantize(FINE),
            excl_tax=net.quantize(FINE),
            incl_tax=gross.quantize(FINE),
        )


def price(
    tariffs: Sequence[tuple[datetime, Tariff]],
    beginning: Beginning,
    course: Iterable[Moment],
    until: datetime | None = None,
) -> Cost:
    """The cost of a whole course, whatever the order in which its moments are given.

    tariffs: at least one, each with the time from which on it applies. until: its end, if it has one.
    """
    running = RunningCost(tariffs[0][1], beginning)
    others = list(tariffs[1:])
    for moment in sorted(course, key=_order):
        while others and others[0][0] < moment.at:
            at, tariff = others.pop(0)
            running.switch(tariff, at)
        running.take(moment)
    for at, tariff in others:
        running.switch(tariff, at)
    if until is not None:
        running.take(Moment(until))
    return running.cost(ended=until is not None)


def _order(moment: Moment) -> tuple[datetime, float]:
    return moment.at, moment.energy_wh if moment.energy_wh is not None else -1.0


def bounded(
    tariff: Tariff, net: Decimal, gross: Decimal, *, ended: bool
) -> tuple[Decimal, Decimal, CostKind]:
    """The totals within the tariff's least and highest cost, on whichever side those are given (I12.FR.38, FR.39)."""
    if ended and tariff.min_cost is not None and _beyond(tariff.min_cost, net, gross, _less):
        return (*_sides(tariff.min_cost, net, gross), CostKind.MIN)
    if tariff.max_cost is not None and _beyond(tariff.max_cost, net, gross, _more):
        return (*_sides(tariff.max_cost, net, gross), CostKind.MAX)
    return net, gross, CostKind.NORMAL


def _less(amount: Decimal, bound: Decimal) -> bool:
    return amount < bound


def _more(amount: Decimal, bound: Decimal) -> bool:
    return amount > bound


def _beyond(
    bound: Bound, net: Decimal, gross: Decimal, worse: Callable[[Decimal, Decimal], bool]
) -> bool:
    return (bound.excl_tax is not None and worse(net, bound.excl_tax)) or (
        bound.incl_tax is not None and worse(gross, bound.incl_tax)
    )


def _sides(bound: Bound, net: Decimal, gross: Decimal) -> tuple[Decimal, Decimal]:
    """Both totals of a bound. A side that is not given keeps the ratio of tax that the transaction had."""
    ratio = gross / net if net else Decimal(1)
    excl, incl = bound.excl_tax, bound.incl_tax
    if excl is None:
        excl = incl / ratio if incl is not None and ratio else net
    if incl is None:
        incl = excl * ratio
    return excl, incl


def zone(name: str) -> ZoneInfo:
    """The time zone of this name; UTC when the system does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
