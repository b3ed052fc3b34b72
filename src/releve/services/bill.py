"""A transaction's bill: its tariff, and its cost as it runs. Lives in memory beside the transaction, costs no read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from releve.domain.cost import Cost
from releve.domain.ledger import Point, effective
from releve.domain.meter import MeterSample
from releve.domain.pricing import Beginning, Moment
from releve.domain.station import ChargingState
from releve.domain.tariff import Tariff
from releve.domain.transaction import Transaction, TransactionFact

if TYPE_CHECKING:
    from releve.services.ports import Pricing, Running

KEPT_STATES = 1000
"""Changes of the charging state remembered for the final reckoning; a station that tells more flickers."""


class Bill:
    """Mutable: owned by one live transaction. No tariffs: nothing is charged for it."""

    __slots__ = ("_pricing", "_running", "mute", "states", "tariffs", "token", "told", "told_at")

    def __init__(
        self, pricing: Pricing, tariffs: Sequence[tuple[datetime, Tariff]], token: str | None
    ) -> None:
        self._pricing = pricing
        self._running: Running | None = None
        self.tariffs = list(tariffs)
        self.token = token
        """For whom the tariff was chosen: another driver may have another one."""
        self.states: list[tuple[datetime, ChargingState]] = []
        self.told: Decimal | None = None
        """The cost that the station was told last, and when."""
        self.told_at: datetime | None = None
        self.mute = False
        """The station has no message for the cost."""

    def note_state(self, at: datetime, charging: ChargingState | None) -> None:
        """The charging state as told by an event; only changes are kept."""
        if charging is None or (self.states and self.states[-1][1] is charging):
            return
        if len(self.states) < KEPT_STATES:
            self.states.append((at, charging))
        if self._running is not None:
            self._running.take(Moment(at, None, charging))

    def recall(self, facts: Iterable[TransactionFact]) -> None:
        """Charging states from the store."""
        told = {str(state): state for state in ChargingState}
        for fact in sorted(facts, key=lambda f: f.at):
            self.note_state(effective(fact.at, fact.received_at), told.get(fact.charging))

    def sampled(self, row: Transaction, sample: MeterSample, received_at: datetime) -> None:
        """Take a meter sample in: on the hot path, so it is nothing but arithmetic."""
        running = self._running
        if running is None or sample.energy_wh is None or row.meter_start_wh is None:
            return
        running.take(
            Moment(effective(sample.at, received_at), sample.energy_wh - row.meter_start_wh)
        )

    @property
    def tariff(self) -> Tariff | None:
        """That which applies now."""
        return self.tariffs[-1][1] if self.tariffs else None

    def switch(self, tariff: Tariff, at: datetime) -> None:
        """Go on with another tariff."""
        self.tariffs.append((at, tariff))
        if self._running is not None:
            self._running.switch(tariff, at)

    def begin(self, row: Transaction, points: Sequence[Point] = ()) -> None:
        """Start following, from the beginning or with the registers so far."""
        if not self.tariffs:
            return
        running = self._running = self._pricing.begin(self.tariffs[0][1], beginning(row))
        others = self.tariffs[1:]
        for moment in sorted(self._course(row, points), key=lambda m: m.at):
            while others and others[0][0] < moment.at:
                at, tariff = others.pop(0)
                running.switch(tariff, at)
            running.take(moment)
        for at, tariff in others:
            running.switch(tariff, at)

    @property
    def total(self) -> Decimal | None:
        """What the driver would pay now; None without a tariff."""
        return self._running.total() if self._running is not None else None

    @property
    def running(self) -> Cost | None:
        """The cost so far; None without a tariff."""
        return self._running.cost() if self._running is not None else None

    def final(self, row: Transaction, points: Sequence[Point]) -> Cost | None:
        """The cost of the ended transaction, reckoned anew from all its facts: their order does not matter.

        None without a tariff, or while its energy is unknown and would cost something.
        """
        if not self.tariffs or row.ended_at is None:
            return None
        if row.energy_wh is None and any(t.energy is not None for _, t in self.tariffs):
            return None
        course = list(self._course(row, points))
        if row.energy_wh is not None:
            course.append(Moment(row.ended_at, row.energy_wh))
        return self._pricing.price(self.tariffs, beginning(row), course, row.ended_at)

    def _course(self, row: Transaction, points: Sequence[Point]) -> Iterable[Moment]:
        start = row.meter_start_wh
        if start is None and points:
            start = min(points).wh
        end = row.ended_at
        for point in points:
            if start is not None and (end is None or point.at <= end):
                yield Moment(point.at, point.wh - start)
        for at, charging in self.states:
            yield Moment(at, None, charging)


def beginning(row: Transaction) -> Beginning:
    """What is fixed at a transaction's start."""
    return Beginning(
        at=row.started_at or row.received_at,
        reserved=row.reservation_id is not None,
    )
