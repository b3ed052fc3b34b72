"""Q: who may discharge, what running transactions may do, and the grid operator's signal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from releve.domain.commands import Outcome
from releve.domain.ids import OperatorId, StationId, TransactionId
from releve.domain.transaction import Transaction, TransactionState
from releve.domain.v2x import (
    DEFAULT,
    EnergyTransfer,
    NotifyAllowedEnergyTransfer,
    SendAfrrSignal,
    TransactionPermit,
    TransferPermit,
)
from releve.services.commands import Commands
from releve.services.device import DeviceFacts, device_facts
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.live import Inbound
from releve.services.ports import Clock, Store, Work

V2X = "V2XChargingCtrlr"
ASKED = (
    ("ISO15118Ctrlr", "Enabled", ""),
    (V2X, "Enabled", ""),
    (V2X, "SupportedEnergyTransferModes", ""),
)


class RequestedTransfer(Protocol):
    """What a car asks for (`domain.charging_needs`)."""

    @property
    def energy_transfer(self) -> str: ...


class V2x:
    """It judges what cars ask for, too: the `judge` of the desk of charging needs."""

    def __init__(self, store: Store, clock: Clock, commands: Commands) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands

    # --- permits ------------------------------------------------------------------------------------------------

    async def permits(self, operator: OperatorId) -> list[TransferPermit]:
        """All permits, the one for everybody among them."""
        async with self._store.work(operator) as work:
            return await work.documents.all(TransferPermit)

    async def permit(self, operator: OperatorId, token: str = "") -> TransferPermit:
        """What counts for a token: its own permit, the one for everybody, or charging only."""
        async with self._store.work(operator) as work:
            return await _permit(work, token)

    async def set_permit(self, operator: OperatorId, permit: TransferPermit) -> TransferPermit:
        """Decide what a token, or everybody without a permit, may do. It counts from the next authorisation on."""
        if permit.modes is not None and not permit.modes:
            raise Invalid("At least one way of transferring energy must be allowed.", field="modes")
        async with self._store.work(operator) as work:
            work.documents.save(permit)
        return permit

    async def remove_permit(self, operator: OperatorId, token: str = "") -> None:
        """Forget a permit: what is for everybody counts again."""
        async with self._store.work(operator) as work:
            work.documents.remove(TransferPermit, TransferPermit(token=token).key)

    # --- what stations are told ---------------------------------------------------------------------------------

    async def offered(
        self, work: Work, station: StationId, token: str, evses: Iterable[int]
    ) -> tuple[EnergyTransfer, ...]:
        """The list for an accepted Authorize (Q01.FR.01): for stations with ISO 15118 and V2X, and if it is decided
        (Q01.FR.08, Q02.FR.03). Empty: say nothing."""
        facts = await device_facts(work, station, ASKED, evses)
        if not (facts.flag("ISO15118Ctrlr", "Enabled") and facts.flag(V2X, "Enabled")):
            return ()
        permit = await _permit(work, token)
        return _supported(facts, permit.modes or ())

    async def refused(self, inbound: Inbound, needs: RequestedTransfer, who: Transaction) -> str:
        """Why the car of this transaction may not have the transfer that it requests (Q01.FR.04); empty: it may
        (Q01.FR.07)."""
        wanted = next((m for m in EnergyTransfer if m == needs.energy_transfer), None)
        if wanted is None:
            return f"No such energy transfer: {needs.energy_transfer}."
        async with self._store.work(inbound.station.operator) as work:
            own = await work.holdings.get(inbound.station.id, TransactionPermit, who.reference)
            modes = own.modes if own is not None else (await _permit(work, who.token or "")).modes
        if modes is None:  # not decided: charging may begin, discharging waits (Q02)
            return "" if not wanted.discharges else f"{wanted} has not been allowed yet."
        return "" if wanted in modes else f"{wanted} is not allowed for this driver."

    async def change(
        self,
        operator: OperatorId,
        transaction: TransactionId,
        modes: tuple[EnergyTransfer, ...],
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Change what a running transaction may do, and tell its station (Q02.FR.05)."""
        if not modes:
            raise Invalid("At least one way of transferring energy must be allowed.", field="modes")
        async with self._store.work(operator) as work:
            row = await work.transactions.get(transaction)
        if row is None:
            raise NotFound("There is no such transaction.")
        if row.state is TransactionState.ENDED:
            raise NotNow("This transaction has ended already.")
        permit = TransactionPermit(
            reference=row.reference, modes=modes, changed_at=self._clock.now()
        )
        async with self._store.work(
            operator
        ) as work:  # before: the car's needs may cross the answer
            former = await work.holdings.get(row.station, TransactionPermit, row.reference)
            work.holdings.save(row.station, permit)
        command = NotifyAllowedEnergyTransfer(reference=row.reference, modes=modes)
        outcome = await self._commands.perform(
            operator, row.station, command, by=by, timeout=timeout
        )
        async with self._store.work(operator) as work:
            if outcome.accepted:
                kept = msgspec.structs.replace(permit, status=outcome.status or "")
                work.holdings.save(row.station, kept)
            elif former is not None:
                work.holdings.save(row.station, former)
            else:
                work.holdings.remove(row.station, TransactionPermit, row.reference)
        return outcome

    async def allowed(self, operator: OperatorId, row: Transaction) -> tuple[str, ...] | None:
        """What a transaction may do now; None: not decided."""
        async with self._store.work(operator) as work:
            own = await work.holdings.get(row.station, TransactionPermit, row.reference)
            return own.modes if own is not None else (await _permit(work, row.token or "")).modes

    async def running(self, operator: OperatorId, station: StationId) -> list[Transaction]:
        """The transactions that are active at a station."""
        async with self._store.work(operator) as work:
            found = await work.transactions.live(station)
        return [row for row in found if row.state is TransactionState.ACTIVE]

    async def signal(
        self,
        operator: OperatorId,
        station: StationId,
        signal: int,
        *,
        at: datetime | None = None,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Pass the grid operator's aFRR signal on (Q08)."""
        command = SendAfrrSignal(at=at or self._clock.now(), signal=signal)
        return await self._commands.perform(operator, station, command, by=by, timeout=timeout)


async def _permit(work: Work, token: str) -> TransferPermit:
    own = None
    if token:
        own = await work.documents.get(TransferPermit, TransferPermit(token=token).key)
    return own or await work.documents.get(TransferPermit, DEFAULT) or TransferPermit()


def _supported(facts: DeviceFacts, modes: tuple[EnergyTransfer, ...]) -> tuple[EnergyTransfer, ...]:
    known = facts.members(V2X, "SupportedEnergyTransferModes")
    return modes if known is None else tuple(mode for mode in modes if mode in known)
