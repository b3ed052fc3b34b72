"""What services need of a price list: how a cost is reckoned. Nothing in it waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from releve.domain.cost import Cost
from releve.domain.pricing import Beginning, Moment
from releve.domain.tariff import Tariff


class Running(Protocol):
    """The cost of one transaction so far. Each `take` costs the same little, however long the transaction is."""

    tariff: Tariff

    def take(self, moment: Moment) -> None:
        """Carry on to a moment, in order."""

    def switch(self, tariff: Tariff, at: datetime) -> None:
        """Go on with another tariff; what has been used stays priced as it was."""

    def total(self) -> Decimal:
        """What the driver would pay now, without its breakdown: for the hot path."""

    def cost(self, at: datetime | None = None, *, ended: bool = False) -> Cost:
        """The cost up to the last moment. ended: with what applies only at the end (a least cost)."""


class Pricing(Protocol):
    """A tariff and a transaction's figures in, a cost with its breakdown out."""

    def begin(self, tariff: Tariff, beginning: Beginning) -> Running:
        """Follow a transaction while it runs."""

    def price(
        self,
        tariffs: Sequence[tuple[datetime, Tariff]],
        beginning: Beginning,
        course: Iterable[Moment],
        until: datetime | None = None,
    ) -> Cost:
        """Reckon a whole one, its moments in any order.

        tariffs: each with the time from which on it applies. until: when it ended; None: it runs.
        """
