"""How a local list reaches a station: in as many messages as it can take, its versions counted, conflicts found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakSet

import msgspec

from releve.domain.commands import Outcome, Result, VariableName
from releve.domain.local_list import (
    GetListLimits,
    GetLocalListVersion,
    ListContent,
    ListEntry,
    ListLimits,
    ListState,
    LocalList,
    SendLocalList,
    UpdateKind,
    applied,
    in_messages,
    next_version,
)
from releve.domain.operation import Operation, OperationState
from releve.domain.station import Station
from releve.domain.token import Place, Token
from releve.services.authorization import connector_types
from releve.services.commands import Commands
from releve.services.limits import Limits
from releve.services.live import LiveStation
from releve.services.operations import Operations, refusal
from releve.services.ports import Clock, Presence, Store, Work

KEY = "list"
KIND = "local-list"
SMALL = 20
"""A list of so many entries is sent without asking how many a message may have: every station takes it."""
MODEST = 50
"""Entries in a message to a station that does not tell."""
UNSUPPORTED = frozenset({"NotSupported", "NotImplemented"})
HEALABLE = frozenset({"VersionMismatch", "Failed"})
_ITEMS = "ItemsPerMessageSendLocalList"
_BYTES = "BytesPerMessageSendLocalList"
_ENTRIES = "LocalAuthListEntries"
ENTRIES_SETTABLE = VariableName(
    component="LocalAuthListCtrlr", variable="Entries", attribute="MaxSet"
)


class Sending:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        operations: Operations,
        presence: Presence,
        limits: Limits,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._operations = operations
        self._presence = presence
        self._limits = limits
        self._compared: WeakSet[LiveStation] = WeakSet()
        """Connections in which the station's version was compared with ours."""

    async def full(
        self, station: Station, held: LocalList, entries: Sequence[ListEntry], *, by: str
    ) -> Operation:
        """Send a whole list. When the station finds its version too low, its own is asked for, and it is sent again."""
        operation, outcome = await self._send(station, held, UpdateKind.FULL, entries, by)
        if outcome.status == "VersionMismatch":
            told = await self._ask(station)
            if told >= next_version(held.version):
                held = msgspec.structs.replace(held, version=told)
                operation, _ = await self._send(station, held, UpdateKind.FULL, entries, by)
        return operation

    async def differential(
        self, station: Station, held: LocalList, entries: Sequence[ListEntry], *, by: str
    ) -> tuple[Operation, bool]:
        """Send changes; also whether the station refused them in a way that the full list heals (D01.FR.03)."""
        operation, outcome = await self._send(station, held, UpdateKind.DIFFERENTIAL, entries, by)
        healable = not outcome.accepted and outcome.status in HEALABLE
        if healable:
            told = await self._ask(station)
            await self.note(station, certain=False, version=max(told, held.version))
        return operation, healable

    async def compare(self, station: Station, held: LocalList, *, again: bool = False) -> LocalList:
        """Ask once in each connection which version the station has; one that is not ours makes its list unknown.

        It may have lost its list, or got another from elsewhere, while it was away. again: ask in any case.
        """
        live = self._presence.live(station.id)
        if live is None or (not again and live in self._compared):
            return held
        outcome = await self._commands.perform(
            station.operator, station.id, GetLocalListVersion(), by="", timeout=None
        )
        if outcome.result is Result.ANSWERED:
            self._compared.add(live)
        return await self.told_version(station, outcome)

    async def _ask(self, station: Station) -> int:
        outcome = await self._commands.perform(
            station.operator, station.id, GetLocalListVersion(), by="", timeout=None
        )
        return max(0, version_of(outcome))

    async def told_version(self, station: Station, outcome: Outcome) -> LocalList:
        """Note what a station said of its version."""
        held = await self._held(station)
        if outcome.result is Result.ERROR and outcome.code in UNSUPPORTED:
            return await self.note(
                station, state=_unless_off(held, ListState.NOT_SUPPORTED), detail=outcome.code
            )
        if outcome.result is not Result.ANSWERED:
            return held
        told = version_of(outcome)
        if told >= 0 and held.state is ListState.NOT_SUPPORTED:
            held = await self.note(station, state=ListState.WAITING, detail="")
        if told < 0:  # 1.6 5.10: local lists are not supported
            return await self.note(station, state=_unless_off(held, ListState.NOT_SUPPORTED))
        if told != held.version:
            return await self.note(station, certain=False, version=told)
        return held

    async def limits(self, station: Station) -> ListLimits:
        """What the station can take, as far as it is known."""
        known = await self._limits.some(station, (_ITEMS, _BYTES, _ENTRIES))
        items, size, entries = (
            learned.value if (learned := known.get(name)) is not None else None
            for name in (_ITEMS, _BYTES, _ENTRIES)
        )
        if entries is None:  # its maxLimit comes only by a report; what can be set, by asking
            async with self._store.work(station.operator) as work:
                found = await work.variables.get(station.id, (ENTRIES_SETTABLE,))
            entries = next((_number(variable.value) for variable in found), None)
        return ListLimits(items or None, size or None, entries or None)

    async def note(self, station: Station, **changes: Any) -> LocalList:
        """Change what is noted of a station's list."""
        async with self._store.work(station.operator) as work:
            held = await work.holdings.get(station.id, LocalList, KEY) or LocalList()
            changed = msgspec.structs.replace(held, **changes)
            if changed != held:
                work.holdings.save(station.id, changed)
        return changed

    async def _held(self, station: Station) -> LocalList:
        async with self._store.work(station.operator) as work:
            return await work.holdings.get(station.id, LocalList, KEY) or LocalList()

    # --- sending ------------------------------------------------------------------------------------------------

    async def _send(
        self,
        station: Station,
        held: LocalList,
        kind: UpdateKind,
        entries: Sequence[ListEntry],
        by: str,
    ) -> tuple[Operation, Outcome]:
        """Send entries in one operation; each message that is accepted is noted before the next one goes."""
        messages = in_messages(entries, await self._told_limits(station, len(entries)))
        version = next_version(held.version)
        if version < held.version:  # the numbers are used up: only a whole list may begin anew
            kind = UpdateKind.FULL
        first = SendLocalList(kind=kind, version=version, entries=messages[0])
        operation = await self._operations.begin(
            station.operator,
            station.id,
            KIND,
            lambda _number: first,
            by=by,
            arguments={
                "update": str(kind),
                "tokens": len(entries),
                "messages": len(messages),
                "version": version + len(messages) - 1,
            },
        )
        outcome = first_outcome(operation)
        if outcome.accepted:
            await self._took(station, held, first)
            outcome = await self._rest(station, first.version, messages[1:], by)
        return await self._ended(station, operation, outcome), outcome

    async def _rest(
        self, station: Station, version: int, messages: Iterable[tuple[ListEntry, ...]], by: str
    ) -> Outcome:
        """The messages after the first: always differential, each with a version of its own (D01.FR.15, D01.FR.19)."""
        outcome = Outcome(result=Result.ANSWERED, status="Accepted", accepted=True)
        for entries in messages:
            version += 1
            command = SendLocalList(kind=UpdateKind.DIFFERENTIAL, version=version, entries=entries)
            outcome = await self._commands.perform(
                station.operator, station.id, command, by=by, timeout=None
            )
            if not outcome.accepted:
                break
            await self._took(station, await self._held(station), command)
        return outcome

    async def _took(self, station: Station, held: LocalList, command: SendLocalList) -> None:
        async with self._store.work(station.operator) as work:
            content = await work.holdings.get(station.id, ListContent, KEY) or ListContent()
            marks = applied(content.marks, command.kind, command.entries)
            work.holdings.save(station.id, ListContent(marks=marks))
            now = await work.holdings.get(station.id, LocalList, KEY) or held
            work.holdings.save(
                station.id,
                msgspec.structs.replace(
                    now,
                    version=command.version,
                    size=len(marks),
                    certain=now.certain or command.kind is UpdateKind.FULL,
                    changed_at=self._clock.now(),
                ),
            )

    async def _ended(self, station: Station, operation: Operation, outcome: Outcome) -> Operation:
        held = await self._held(station)
        if outcome.accepted:
            await self.note(station, state=_unless_off(held, ListState.IN_STEP), detail="")
            return await self._operations.finish(
                station.operator, operation.id, OperationState.DONE, status="Accepted"
            )
        problem = operation.problem or refusal(outcome)
        state = _state_after(outcome)
        unknown = outcome.result in (Result.TIMEOUT, Result.OFFLINE, Result.MALFORMED)
        await self.note(
            station,
            state=_unless_off(held, state),
            detail=problem,
            certain=held.certain and not unknown,
        )
        return await self._operations.finish(
            station.operator, operation.id, OperationState.FAILED, problem=problem
        )

    async def _told_limits(self, station: Station, entries: int) -> ListLimits:
        """The station's limits; asked for when they matter and are not known (D01.FR.11)."""
        limits = await self.limits(station)
        if limits.items is None and entries > SMALL:
            await self._commands.perform(
                station.operator, station.id, GetListLimits(), by="", timeout=None
            )
            limits = await self.limits(station)
        if limits.items is None:
            limits = msgspec.structs.replace(limits, items=MODEST)
        return limits


def version_of(outcome: Outcome) -> int:
    """The version that a GetLocalListVersion told; 0 when it told none."""
    details = outcome.details if isinstance(outcome.details, dict) else {}
    return int(details.get("version", 0))


def first_outcome(operation: Operation) -> Outcome:
    """How the station answered the request that an operation began with."""
    if operation.state is not OperationState.FAILED:
        return Outcome(result=Result.ANSWERED, status="Accepted", accepted=True)
    return msgspec.convert(operation.result, Outcome)


def _state_after(outcome: Outcome) -> ListState:
    if outcome.status in UNSUPPORTED or outcome.code in UNSUPPORTED:
        return ListState.NOT_SUPPORTED
    if outcome.result in (Result.TIMEOUT, Result.OFFLINE, Result.BUSY):
        return ListState.WAITING
    return ListState.FAILED


def _unless_off(held: LocalList, state: ListState) -> ListState:
    return state if held.automatic else ListState.OFF


def _number(text: str | None) -> int | None:
    try:
        number = int(float(text or ""))
    except (ValueError, OverflowError):
        return None
    return number if number > 0 else None


async def place_of(work: Work, station: Station, tokens: Sequence[Token]) -> Place:
    """The station as a place where these tokens may charge."""
    types = None
    if any(token.connector_types for token in tokens):
        types = await connector_types(work, station.id)
    return Place(station.identity, station.site, types)
