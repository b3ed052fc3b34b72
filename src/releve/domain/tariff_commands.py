"""What is asked of a station about tariffs and cost (block I)."""

from __future__ import annotations

from decimal import Decimal

from releve.domain.commands import Command
from releve.domain.tariff import Tariff


class CostUpdated(Command, frozen=True, kw_only=True):
    """Show the driver what the transaction costs so far (I02)."""

    reference: str
    total: Decimal


class SetDefaultTariff(Command, frozen=True, kw_only=True):
    """Install a tariff for drivers without one of their own (I07). evse 0: all EVSEs."""

    tariff: Tariff
    evse: int = 0


class GetTariffs(Command, frozen=True, kw_only=True):
    """Which tariffs the station has (I09). evse 0: all EVSEs. Told: ToldTariffs."""

    evse: int = 0


class ClearTariffs(Command, frozen=True, kw_only=True):
    """Remove default tariffs (I10). tariff_ids empty: all. evse None: at every EVSE.

    Told: the ids that are gone now, or were not there; None among them stands for all that were asked for.
    """

    tariff_ids: tuple[str, ...] = ()
    evse: int | None = None


class ChangeTransactionTariff(Command, frozen=True, kw_only=True):
    """Price a running transaction by another tariff from now on (I11)."""

    reference: str
    tariff: Tariff
