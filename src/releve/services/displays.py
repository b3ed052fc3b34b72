"""O: messages on displays: sent, read back, taken away; what each station has is kept as last confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from releve.domain.commands import Outcome
from releve.domain.display_message import (
    ClearDisplayMessage,
    DisplayAbilities,
    DisplayMessage,
    GetDisplayMessages,
    Priority,
    SetDisplayMessage,
    ShownIn,
    unfit,
    wrong,
)
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationPart
from releve.domain.transaction import TransactionState
from releve.services.commands import Commands
from releve.services.device import DeviceFacts, device_facts
from releve.services.errors import Invalid
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.ports import Clock, Ids, Store, Work
from releve.services.reports import Reports

KIND = "display-messages"
PATIENCE = timedelta(minutes=5)
CTRLR = "DisplayMessageCtrlr"
ASKED = (
    (CTRLR, "Available", ""),
    (CTRLR, "Enabled", ""),
    (CTRLR, "SupportedFormats", ""),
    (CTRLR, "SupportedPriorities", ""),
    (CTRLR, "SupportedStates", ""),
    (CTRLR, "DisplayMessages", ""),
)


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message at one of many stations. problem: why it was not sent; empty: see outcome."""

    station: StationId
    outcome: Outcome | None = None
    problem: str = ""


class Displays:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        commands: Commands,
        operations: Operations,
        reports: Reports,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._commands = commands
        self._operations = operations
        self._reports = reports
        operations.when_done(KIND, self._read)

    async def all(self, operator: OperatorId, station: StationId) -> list[DisplayMessage]:
        """What the station shows, as last confirmed, by number. What has run out is left away."""
        now = self._clock.now()
        async with self._store.work(operator) as work:
            held = [
                message
                for message in await work.holdings.all(station, DisplayMessage)
                if not _over(message, now) and not await _gone(work, station, message)
            ]
        return sorted(held, key=lambda message: message.id)

    async def abilities(self, operator: OperatorId, station: StationId) -> DisplayAbilities:
        """What the station has said of its display."""
        async with self._store.work(operator) as work:
            return _abilities(await device_facts(work, station, ASKED))

    async def show(
        self,
        operator: OperatorId,
        station: StationId,
        message: DisplayMessage,
        *,
        unchecked: bool = False,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Send a message; Invalid with what is wrong with it, or what this station has said that it cannot show.

        unchecked: let the station judge what it can show. A message of no transaction says none (O01.FR.04).
        """
        fault = wrong(message)
        if fault is None and not unchecked:
            fault = await self._unfit(operator, station, message)
        if fault is not None:
            raise Invalid(fault.message, field=fault.field)
        command = SetDisplayMessage(message=message)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            await self._note(operator, station, message)
        return outcome

    async def _unfit(
        self, operator: OperatorId, station: StationId, message: DisplayMessage
    ) -> Any:
        able = await self.abilities(operator, station)
        others = [m for m in await self.all(operator, station) if m.id != message.id]
        return unfit(message, able, len(others))

    async def _note(
        self, operator: OperatorId, station: StationId, message: DisplayMessage
    ) -> None:
        now = self._clock.now()
        async with self._store.work(operator) as work:
            for held in await work.holdings.all(station, DisplayMessage):
                replaced = held.priority is message.priority is Priority.ALWAYS_FRONT
                if _over(held, now) or replaced:  # O01.FR.16
                    work.holdings.remove(station, DisplayMessage, held.key)
            confirmed = msgspec.structs.replace(message, confirmed_at=now)
            work.holdings.save(station, confirmed)

    async def free_id(self, operator: OperatorId, station: StationId) -> int:
        """A number that no message there has, as far as is known."""
        taken = {m.id for m in await self.all(operator, station)}
        return next(n for n in range(1, len(taken) + 2) if n not in taken)

    async def show_at_many(
        self,
        operator: OperatorId,
        stations: Iterable[StationId],
        message: DisplayMessage,
        *,
        by: str = "",
    ) -> list[Sent]:
        """The same message at each of these stations; one that cannot show it does not keep it from the others."""
        sent = []
        for station in stations:
            try:
                outcome = await self.show(operator, station, message, by=by)
            except Invalid as fault:
                sent.append(Sent(station=station, problem=fault.message))
            else:
                sent.append(Sent(station=station, outcome=outcome))
        return sent

    async def read(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        ids: Sequence[int] = (),
        priority: Priority | None = None,
        state: ShownIn | None = None,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Ask which messages it has, all or some (O03, O04): an operation, whose parts are the station's answer."""
        arguments = {"ids": list(ids), "priority": priority, "state": state}
        operation = await self._operations.begin(
            operator,
            station,
            KIND,
            lambda number: GetDisplayMessages(
                request_id=number, ids=tuple(ids), priority=priority, state=state
            ),
            by=by,
            patience=PATIENCE,
            arguments={name: value for name, value in arguments.items() if value},
            timeout=timeout,
        )
        if operation.status == "Unknown":  # O03.FR.04: there are none of these
            async with self._store.work(operator) as work:
                await self._forget(work, station, operation.arguments)
        return operation

    async def told(
        self, inbound: Inbound, request_id: int, tbc: bool, messages: Sequence[DisplayMessage]
    ) -> None:
        """Take in a part of the answer. Parts have no numbers: they count in the order in which they come."""
        async with self._store.work(inbound.station.operator) as work:
            known = await work.operations.requested(inbound.station.id, request_id)
        operation = next((o for o in known if o.kind == KIND), None)
        content = {"messages": msgspec.to_builtins(messages)}
        if operation is None:
            await self._reports.told(inbound, inbound.action, content)
            return
        await self._operations.part(inbound, KIND, request_id, operation.parts, tbc, content)

    async def _read(self, work: Work, operation: Operation, parts: Sequence[OperationPart]) -> None:
        """All parts are there: what was asked for is now known, and nothing else of it is there."""
        await self._forget(work, operation.station, operation.arguments)
        for part in parts:
            for told in part.content["messages"]:
                message = msgspec.convert(told, DisplayMessage)
                confirmed = msgspec.structs.replace(message, confirmed_at=part.received_at)
                work.holdings.save(operation.station, confirmed)

    async def _forget(self, work: Work, station: StationId, arguments: dict[str, Any]) -> None:
        for held in await work.holdings.all(station, DisplayMessage):
            if (
                ("ids" not in arguments or held.id in arguments["ids"])
                and ("priority" not in arguments or held.priority == arguments["priority"])
                and ("state" not in arguments or held.state == arguments["state"])
            ):
                work.holdings.remove(station, DisplayMessage, held.key)

    async def clear(
        self,
        operator: OperatorId,
        station: StationId,
        number: int,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Take a message away (O05). Unknown means that the station has none of this number: then it is gone, too."""
        command = ClearDisplayMessage(id=number)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted or outcome.status == "Unknown":
            async with self._store.work(operator) as work:
                work.holdings.remove(station, DisplayMessage, str(number))
        return outcome


async def _gone(work: Work, station: StationId, message: DisplayMessage) -> bool:
    """A message of a transaction goes with it (O02.FR.02)."""
    if message.transaction is None:
        return False
    row = await work.transactions.find(station, message.transaction)
    return row is not None and row.state is TransactionState.ENDED


def _over(message: DisplayMessage, now: Any) -> bool:
    return message.end_at is not None and message.end_at <= now


def _abilities(facts: DeviceFacts) -> DisplayAbilities:
    available = facts.flag(CTRLR, "Available")
    if facts.flag(CTRLR, "Enabled") is False:
        available = False
    return DisplayAbilities(
        available=available,
        formats=facts.members(CTRLR, "SupportedFormats"),
        priorities=facts.members(CTRLR, "SupportedPriorities"),
        states=facts.members(CTRLR, "SupportedStates"),
        most=facts.most(CTRLR, "DisplayMessages"),
    )
