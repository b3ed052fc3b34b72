"""Operations: what is asked of a station and takes time. Written down before it is asked, so that nothing is missed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from releve.domain.commands import Command, Outcome, Result
from releve.domain.events import OperationChanged
from releve.domain.ids import OperationId, OperatorId, StationId
from releve.domain.operation import Operation, OperationPart, OperationState
from releve.domain.station import Station
from releve.services.commands import Commands
from releve.services.errors import NotFound, NotNow
from releve.services.live import Inbound
from releve.services.ports import Clock, Ids, Store, Work

PATIENCE = timedelta(minutes=15)
"""How long an operation may go without an end, unless its block says otherwise."""
MOST_PARTS = 100_000
"""A part with a number beyond is not waited for: a lying station must not keep an operation open."""

Ended = Callable[[Work, Operation, Sequence[OperationPart]], Awaitable[None]]
"""Called within the unit of work that ends an operation, with all of its parts."""
Judge = Callable[[Operation], Awaitable[bool]]
"""Called for an operation whose deadline has passed; True: it has decided what becomes of it."""
Also = Callable[[Work, Operation], None]
Make = Callable[[int], Command]
"""The command that carries this request id."""


class Operations:
    def __init__(self, store: Store, clock: Clock, ids: Ids, commands: Commands) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._commands = commands
        self._ended: dict[str, list[Ended]] = defaultdict(list)
        self._judges: dict[str, Judge] = {}

    def when_done(self, kind: str, callback: Ended) -> None:
        """Have `callback` called when an operation of this kind is DONE, in the same unit of work."""
        self._ended[kind].append(callback)

    def when_overdue(self, kind: str, judge: Judge) -> None:
        """Have `judge` asked before an operation of this kind is EXPIRED."""
        self._judges[kind] = judge

    async def begin(
        self,
        operator: OperatorId,
        station: StationId,
        kind: str,
        make: Make,
        *,
        by: str = "",
        patience: timedelta = PATIENCE,
        arguments: dict[str, Any] | None = None,
        timeout: float | None = None,
        also: Also | None = None,
    ) -> Operation:
        """Write an operation down and ask the station; as it stands after the station's answer.

        also: writes what belongs to it into the same unit of work, before the station is asked.
        FAILED with the outcome in `result` when the station did not take it on. NotFound: no such station.
        """
        found = await self._commands.station(operator, station)
        now = self._clock.now()
        operation = Operation(
            id=OperationId(self._ids.next()),
            operator=operator,
            station=station,
            kind=kind,
            request_id=self._ids.number(),
            by=by,
            arguments=arguments or {},
            created_at=now,
            updated_at=now,
            deadline_at=now + patience,
        )
        async with self._store.work(operator) as work:
            work.operations.add(operation)
            if also is not None:
                also(work, operation)
            self.announce(work, operation, found)
        command = make(operation.request_id)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        return await self.answered(found, operation, outcome)

    async def answered(self, station: Station, operation: Operation, outcome: Outcome) -> Operation:
        """Note how the station answered the request. What it told in the meantime stands."""
        state = OperationState.RUNNING if outcome.accepted else OperationState.FAILED
        if outcome.accepted and outcome.complete:
            state = OperationState.DONE
        answered = msgspec.structs.replace(
            operation,
            state=state,
            status=outcome.status or "",
            problem="" if outcome.accepted else refusal(outcome),
            result={} if outcome.accepted else msgspec.to_builtins(outcome),
            updated_at=self._clock.now(),
        )
        async with self._store.work(operation.operator) as work:
            work.operations.answered(answered)
            if state is OperationState.DONE:
                for callback in self._ended[operation.kind]:
                    await callback(work, answered, ())
            self.announce(work, answered, station)
        return await self.get(operation.operator, operation.id)

    async def part(
        self,
        inbound: Inbound,
        kind: str,
        request_id: int,
        seq_no: int,
        tbc: bool,
        content: dict[str, Any],
    ) -> Operation | None:
        """Take in one part of a multi-part answer, in whatever order; None when none of this kind was asked for.

        DONE when the last part (tbc false) and all before it are there. A repeated part changes nothing.
        """
        station = inbound.station
        async with self._store.work(station.operator) as work:
            operation = await self._requested(work, station.id, (kind,), request_id)
            if operation is None:
                return None
            parts = await work.operations.parts(operation.id)
            if any(part.seq_no == seq_no for part in parts):
                return operation
            part = OperationPart(
                operation=operation.id,
                operator=operation.operator,
                seq_no=seq_no,
                received_at=inbound.at,
                content=content,
            )
            work.operations.add_part(part)
            parts = sorted([*parts, part], key=lambda p: p.seq_no)
            last = operation.last_part if tbc else seq_no
            complete = last is not None and _complete({p.seq_no for p in parts}, last)
            changed = msgspec.structs.replace(
                operation,
                parts=len(parts),
                last_part=last,
                state=OperationState.DONE if complete else _moved(operation),
                problem="" if complete else operation.problem,
                updated_at=inbound.at,
            )
            await self._save(work, changed, station, parts)
        return changed

    async def progress(
        self,
        inbound: Inbound,
        kinds: Collection[str],
        request_id: int | None,
        status: str,
        *,
        done: Collection[str] = frozenset(),
        failed: Collection[str] = frozenset(),
        detail: dict[str, Any] | None = None,
    ) -> Operation | None:
        """Take in a status word. request_id None: about the latest unfinished one of these kinds (1.6 has no ids).

        done, failed: words that end it. Other words that come after its end were overtaken, and change nothing.
        detail: added to its `result`. None when there is no such operation.
        """
        station = inbound.station
        async with self._store.work(station.operator) as work:
            operation = await self._requested(work, station.id, kinds, request_id)
            if operation is None:
                return None
            if status not in done and status not in failed and _told_its_end(operation, failed):
                return operation
            state = _moved(operation)
            if status in done:
                state = OperationState.DONE
            elif status in failed:
                state = OperationState.FAILED
            changed = msgspec.structs.replace(
                operation,
                state=state,
                status=status,
                problem=f"The station reports {status}." if status in failed else "",
                result={**operation.result, **(detail or {})},
                updated_at=inbound.at,
            )
            await self._save(work, changed, station)
        return changed

    async def finish(
        self,
        operator: OperatorId,
        operation: OperationId,
        state: OperationState,
        *,
        status: str | None = None,
        problem: str = "",
        result: dict[str, Any] | None = None,
        deadline_at: datetime | None = None,
    ) -> Operation:
        """Set how an operation stands, or ended. One that has ended stays as it is. deadline_at: another one."""
        async with self._store.work(operator) as work:
            found = await work.operations.get(operation)
            if found is None:
                raise NotFound("There is no such operation.")
            if found.ended:
                return found
            changed = msgspec.structs.replace(
                found,
                state=state,
                status=found.status if status is None else status,
                problem=problem,
                result={**found.result, **(result or {})},
                updated_at=self._clock.now(),
                deadline_at=deadline_at or found.deadline_at,
            )
            station = await work.stations.get(found.station)
            if station is None:  # it was removed: nobody is to hear of it, but it is to end
                work.operations.save(changed)
            else:
                await self._save(work, changed, station)
        return changed

    async def cancel(
        self, operator: OperatorId, operation: OperationId, *, by: str = ""
    ) -> Operation:
        """Stop waiting for it. What the station is doing is not stopped by this."""
        if (await self.get(operator, operation)).ended:
            raise NotNow("This operation has ended already.")
        problem = f"Cancelled by {by}." if by else "Cancelled."
        return await self.finish(operator, operation, OperationState.CANCELLED, problem=problem)

    async def get(self, operator: OperatorId, operation: OperationId) -> Operation:
        """The operation; NotFound."""
        async with self._store.work(operator) as work:
            found = await work.operations.get(operation)
        if found is None:
            raise NotFound("There is no such operation.")
        return found

    async def parts(self, operator: OperatorId, operation: OperationId) -> list[OperationPart]:
        """The parts that have come, by number."""
        async with self._store.work(operator) as work:
            return await work.operations.parts(operation)

    async def latest(
        self, operator: OperatorId, station: StationId, kinds: Collection[str]
    ) -> Operation | None:
        """The newest unfinished one of these kinds at a station."""
        async with self._store.work(operator) as work:
            found = await work.operations.unfinished(station, tuple(kinds))
        return found[0] if found else None

    async def requested(
        self, operator: OperatorId, station: StationId, kinds: Collection[str], request_id: int
    ) -> Operation | None:
        """The one of these kinds that carries a request id, ended or not."""
        async with self._store.work(operator) as work:
            found = await work.operations.requested(station, request_id)
        return next((one for one in found if one.kind in kinds), None)

    async def expire(self, operator: OperatorId) -> int:
        """End what nothing was heard of within its patience; how many."""
        async with self._store.work(operator) as work:
            overdue = await work.operations.overdue(self._clock.now())
        for operation in overdue:
            judge = self._judges.get(operation.kind)
            if judge is not None and await judge(operation):
                continue
            told = f" Its last word: {operation.status}." if operation.status else ""
            await self.finish(
                operator,
                operation.id,
                OperationState.EXPIRED,
                problem=f"Nothing more was heard of it in time.{told}",
            )
        return len(overdue)

    async def _requested(
        self, work: Work, station: StationId, kinds: Collection[str], request_id: int | None
    ) -> Operation | None:
        """The one that a notification is about. Late words are taken in, too, unless it was done or cancelled."""
        if request_id is None:
            running = await work.operations.unfinished(station, tuple(kinds))
            return running[0] if running else None
        for one in await work.operations.requested(station, request_id):
            if one.kind in kinds and one.state is not OperationState.CANCELLED:
                return one
        return None

    async def _save(
        self,
        work: Work,
        operation: Operation,
        station: Station,
        parts: Sequence[OperationPart] = (),
    ) -> None:
        work.operations.save(operation)
        if operation.state is OperationState.DONE:
            for callback in self._ended[operation.kind]:
                await callback(work, operation, parts)
        self.announce(work, operation, station)

    def announce(self, work: Work, operation: Operation, station: Station) -> None:
        """Tell the world how an operation that this unit of work saves stands."""
        work.announce(
            OperationChanged(
                operator=operation.operator,
                station=operation.station,
                identity=station.identity,
                at=operation.updated_at,
                operation=operation.id,
                kind=operation.kind,
                state=operation.state,
                status=operation.status,
                parts=operation.parts,
            )
        )


def refusal(outcome: Outcome) -> str:
    """In an operator's words why a station did not take something on."""
    if outcome.result is Result.ANSWERED:
        reason = f": {outcome.description}" if outcome.description else ""
        return f"The station answered {outcome.status or 'without a status'}{reason}."
    if outcome.result is Result.ERROR:
        return f"The station answered with the error {outcome.code}: {outcome.description}"
    if outcome.result is Result.TIMEOUT:
        return "The station did not answer in time."
    return outcome.description or f"The request ended as {outcome.result}."


def _told_its_end(operation: Operation, failed: Collection[str]) -> bool:
    """Whether the station itself reported how it ended; a request that only timed out may be under way after all."""
    if operation.state is OperationState.FAILED:
        return operation.status in failed
    return operation.state is OperationState.DONE


def _moved(operation: Operation) -> OperationState:
    """Its state after the station told something of it: what has failed or expired may go on after all."""
    if operation.state in (OperationState.DONE, OperationState.CANCELLED):
        return operation.state
    return OperationState.RUNNING


def _complete(seen: set[int], last: int) -> bool:
    return last <= MOST_PARTS and all(number in seen for number in range(last + 1))
