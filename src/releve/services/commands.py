"""B, C, F, G, P: what the operator asks of stations, with its real effect noted and every command on record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from releve.domain.availability import AvailabilityWish
from releve.domain.charging_profile import ChargingProfile
from releve.domain.commands import (
    ChangeAvailability,
    Command,
    GetVariables,
    Outcome,
    RequestStart,
    RequestStop,
    Result,
    SetVariables,
    TriggerMessage,
)
from releve.domain.events import CommandEnded
from releve.domain.ids import OperatorId, StationId, TransactionId
from releve.domain.limits import Limit
from releve.domain.station import Station
from releve.domain.token import CENTRAL, IdToken
from releve.domain.transaction import TransactionState
from releve.services.errors import NotFound, NotNow
from releve.services.learning import learn
from releve.services.limits import Limits
from releve.services.live import PendingStart
from releve.services.ports import Caller, Clock, Ids, Presence, Store
from releve.services.security.guard import check_call, check_command
from releve.services.variable_calls import VariableCalls

START_PATIENCE = timedelta(minutes=5)
"""How long a remote start waits for its transaction: ConnectionTimeOut (60 s by default) plus a margin."""

WhenAnswered = Callable[[Station, Command, Outcome], Awaitable[None]]
"""Called with what became of a command, before whoever asked for it learns of it."""


class Commands:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        presence: Presence,
        caller: Caller,
        limits: Limits,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._presence = presence
        self._caller = caller
        self._variables = VariableCalls(store, presence, caller, limits)
        self._answered: list[WhenAnswered] = []

    def when_answered(self, callback: WhenAnswered) -> None:
        """Have something follow each command, whatever became of it."""
        self._answered.append(callback)

    async def start(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        token: IdToken | None = None,
        evse: int | None = None,
        group: str | None = None,
        limit: Limit | None = None,
        profile: ChargingProfile | None = None,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Outcome, int]:
        """Start a transaction from afar (F01, F02); also its remoteStartId. token None: one is made for this start.

        Accepted means that the station will try; the transaction that follows carries the remoteStartId. group: who
        else may stop it; None: the token's own group. limit: of the transaction that follows (F07). profile: made ready
        by `services.smart_charging`.
        """
        number = self._ids.number()
        token = token or IdToken(f"RELEVE{number:X}", CENTRAL)
        async with self._store.work(operator) as work:
            known = await work.tokens.find(token)
        if group is None and known is not None:
            group = known.group
        command = RequestStart(
            token=token,
            evse=evse,
            remote_start_id=number,
            group=group or None,
            profile=profile,
        )
        until = self._clock.now() + START_PATIENCE
        pending = PendingStart(number, token.value, evse, until, limit or None)
        live = self._presence.live(station)
        if live is not None:  # before the call: its StartTransaction may cross the answer
            live.remote_starts = [*(live.remote_starts or []), pending]
        outcome = await self.perform(operator, station, command, by=by, timeout=timeout)
        if not outcome.accepted and live is not None and live.remote_starts:
            live.remote_starts = [p for p in live.remote_starts if p is not pending]
        return outcome, number

    async def stop(
        self,
        operator: OperatorId,
        transaction: TransactionId,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Stop a transaction from afar (F03, F04). It ends when the station says so, which may be much later."""
        async with self._store.work(operator) as work:
            row = await work.transactions.get(transaction)
        if row is None:
            raise NotFound("There is no such transaction.")
        if row.state is TransactionState.ENDED:
            raise NotNow("This transaction has ended already.")
        command = RequestStop(reference=row.reference)
        return await self.perform(operator, row.station, command, by=by, timeout=timeout)

    async def perform(
        self,
        operator: OperatorId,
        station: StationId,
        command: Command,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Ask a station; what it answered is kept with who asked. by: name of the person or key, for the record."""
        check_command(command)
        found = await self.station(operator, station)
        refusal = _not_allowed(found, command)
        if refusal is not None:
            return refusal
        live = self._presence.live(station)
        if live is not None and not found.registered and (expected := _expected(command)):
            live.triggered = (live.triggered or set()) | expected  # B02.FR.09
        if isinstance(command, GetVariables) and not command.request_id:
            command = msgspec.structs.replace(command, request_id=self._ids.number())
        match command:
            case GetVariables():
                outcome = await self._variables.get(found, command, timeout)
            case SetVariables():
                outcome = await self._variables.set(found, command, timeout)
            case _:
                outcome = await self._caller.perform(station, command, timeout=timeout)
        await self._record(found, type(command).__name__, outcome, by, command)
        for callback in self._answered:
            await callback(found, command, outcome)
        return outcome

    async def call(
        self,
        operator: OperatorId,
        station: StationId,
        action: str,
        payload: dict[str, Any],
        *,
        by: str = "",
        timeout: float | None = None,
        checked: bool = True,
    ) -> Outcome:
        """Send any action with any payload of the station's version, and tell apart all ways in which it ends."""
        check_call(action, payload)
        found = await self.station(operator, station)
        outcome = await self._caller.call(
            station, action, payload, timeout=timeout, checked=checked
        )
        await self._record(found, action, outcome, by, None)
        return outcome

    def online(self, station: StationId) -> bool:
        """Whether it is connected here now."""
        return self._presence.live(station) is not None

    async def station(self, operator: OperatorId, station: StationId) -> Station:
        """The operator's station; NotFound."""
        live = self._presence.live(station)
        if live is not None and live.station.operator == operator:
            return live.station
        async with self._store.work(operator) as work:
            found = await work.stations.get(station)
        if found is None:
            raise NotFound("There is no such station.")
        return found

    async def _record(
        self, station: Station, name: str, outcome: Outcome, by: str, command: Command | None
    ) -> None:
        now = self._clock.now()
        async with self._store.work(station.operator) as work:
            await learn(work, station, command, outcome, now)
            if isinstance(command, ChangeAvailability) and outcome.result is Result.ANSWERED:
                work.holdings.save(station.id, _wish(command, outcome, now, by))
            work.announce(
                CommandEnded(
                    operator=station.operator,
                    station=station.id,
                    identity=station.identity,
                    at=now,
                    command=name,
                    result=outcome.result,
                    status=outcome.status,
                    by=by,
                )
            )


def _wish(command: ChangeAvailability, outcome: Outcome, at: datetime, by: str) -> AvailabilityWish:
    """What the operator wants, to be shown beside what the station reports from now on."""
    return AvailabilityWish(
        evse=command.evse or 0,
        connector=command.connector or 0,
        operative=command.operative,
        status=outcome.status or "",
        at=at,
        by=by,
    )


def _expected(command: Command) -> set[str]:
    """Actions that the station will send because of the command."""
    asked = {command.message} if isinstance(command, TriggerMessage) else set()
    return asked.union(command.expects)


def _not_allowed(station: Station, command: Command) -> Outcome | None:
    """While a boot is pending only configuring is allowed, after a rejected one nothing (B02, B03.FR.03; 1.6 4.2)."""
    if station.registered or (station.booted_at is None and not station.quarantined):
        return None
    if station.boot != "Rejected" and command.while_pending:
        return None
    return Outcome(
        result=Result.NOT_ALLOWED,
        description="The station has not been accepted yet: it may only be configured.",
    )
