"""B, C, F, G, P: what the operator asks of stations, with its real effect noted and every command on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from releve.domain.commands import (
    Command,
    GetVariables,
    Outcome,
    RequestStart,
    RequestStop,
    Result,
    SetVariables,
    TriggerMessage,
    VariableResult,
)
from releve.domain.events import CommandEnded
from releve.domain.ids import OperatorId, StationId, TransactionId
from releve.domain.station import Station
from releve.domain.token import CENTRAL, IdToken
from releve.domain.transaction import TransactionState
from releve.services.errors import NotFound, NotNow
from releve.services.live import PendingStart
from releve.services.ports import Caller, Clock, Ids, Presence, Store, Variable

START_PATIENCE = timedelta(minutes=5)
"""How long a remote start waits for its transaction: ConnectionTimeOut (60 s by default) plus a margin."""


class Commands:
    def __init__(
        self, store: Store, clock: Clock, ids: Ids, presence: Presence, caller: Caller
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._presence = presence
        self._caller = caller

    async def start(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        token: IdToken | None = None,
        evse: int | None = None,
        by: str = "",
        timeout: float | None = None,
    ) -> tuple[Outcome, int]:
        """Start a transaction from afar (F01, F02); also its remoteStartId. token None: one is made for this start.

        Accepted means that the station will try; the transaction that follows carries the remoteStartId.
        """
        number = self._ids.number()
        token = token or IdToken(f"RELEVE{number:X}", CENTRAL)
        async with self._store.work(operator) as work:
            known = await work.tokens.find(token)
        command = RequestStart(
            token=token, evse=evse, remote_start_id=number, group=known.group if known else None
        )
        pending = PendingStart(number, token.value, evse, self._clock.now() + START_PATIENCE)
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
        found = await self.station(operator, station)
        refusal = _not_allowed(found, command)
        if refusal is not None:
            return refusal
        live = self._presence.live(station)
        if live is not None and not found.registered and (expected := _expected(command)):
            live.triggered = (live.triggered or set()) | expected  # B02.FR.09
        if isinstance(command, GetVariables) and not command.request_id:
            command = msgspec.structs.replace(command, request_id=self._ids.number())
        if isinstance(command, SetVariables) and len(command.values) > 1:
            outcome = await self._set_each(station, command, timeout)
        else:
            outcome = await self._caller.perform(station, command, timeout=timeout)
        await self._record(found, type(command).__name__, outcome, by, command)
        return outcome

    async def _set_each(
        self, station: StationId, command: SetVariables, timeout: float | None
    ) -> Outcome:
        """One message when the version can carry all values, else one for each (1.6 ChangeConfiguration)."""
        together = await self._caller.perform(station, command, timeout=timeout)
        if together.result is not Result.UNSUPPORTED:
            return together
        results: list[VariableResult] = []
        outcome = together
        for value in command.values:
            one = SetVariables(values=(value,))
            outcome = await self._caller.perform(station, one, timeout=timeout)
            if outcome.result is not Result.ANSWERED:
                break
            results += outcome.variables
        return msgspec.structs.replace(
            outcome,
            variables=tuple(results),
            accepted=outcome.accepted and len(results) == len(command.values),
        )

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
        found = await self.station(operator, station)
        outcome = await self._caller.call(
            station, action, payload, timeout=timeout, checked=checked
        )
        await self._record(found, action, outcome, by, None)
        return outcome

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
            learnt = _learnt(command, outcome)
            if learnt:
                known = {
                    v.name: v
                    for v in await work.variables.get(station.id, [r.name for r in learnt])
                }
                work.variables.save(
                    station.id,
                    [
                        Variable(
                            name=r.name,
                            value=r.value,
                            mutability=_mutability(r, known.get(r.name)),
                            data_type=known[r.name].data_type if r.name in known else "",
                            unit=known[r.name].unit if r.name in known else "",
                            values_list=known[r.name].values_list if r.name in known else "",
                            reported_at=now,
                        )
                        for r in learnt
                    ],
                )
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


def _expected(command: Command) -> set[str]:
    """Actions that the station will send because of the command."""
    asked = {command.message} if isinstance(command, TriggerMessage) else set()
    return asked.union(command.expects)


def _mutability(result: VariableResult, known: Variable | None) -> str:
    if result.read_only is None:
        return known.mutability if known is not None else ""
    return "ReadOnly" if result.read_only else "ReadWrite"


def _learnt(command: Command | None, outcome: Outcome) -> list[VariableResult]:
    """Variables whose value the answer tells: those read, and those set and accepted. Secrets are never kept."""
    results = outcome.variables
    if isinstance(command, SetVariables):
        set_to = dict(command.values)
        results = tuple(
            msgspec.structs.replace(r, value=set_to.get(r.name))
            for r in results
            if r.status == "Accepted"
        )
    return [r for r in results if r.value is not None and r.name.variable not in SECRET_VARIABLES]


SECRET_VARIABLES = frozenset({"AuthorizationKey", "BasicAuthPassword"})


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
