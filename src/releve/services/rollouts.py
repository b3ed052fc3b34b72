"""L: one firmware image for many stations, a few at a time, with what came of it at each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from releve.domain.commands import Result
from releve.domain.firmware import UPDATE, Image, Rollout, RolloutStep, Turn
from releve.domain.ids import OperationId, OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.domain.station import Station
from releve.services.errors import Invalid, NotFound, NotNow, RequestError
from releve.services.firmware import Firmware, When, check_times
from releve.services.images import Images
from releve.services.operations import Operations
from releve.services.ports import Clock, Ids, Presence, Store

MOST_STATIONS = 10_000
MOST_AT_ONCE = 100
MOST_ATTEMPTS = 3
"""A station that does not answer is asked again so often."""
LOOKS = 100
"""Stations that are looked for at a time, whether they have been removed."""
REMOVED = "removed"
AGAIN = frozenset({Result.TIMEOUT, Result.BUSY, Result.MALFORMED})
LATER = frozenset({Result.OFFLINE, Result.NOT_ALLOWED})


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a roll-out goes, and when it stops by itself (0: never)."""

    at_once: int = 5
    stop_after_failures: int = 0
    label: str = ""


class Rollouts:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        presence: Presence,
        operations: Operations,
        images: Images,
        firmware: Firmware,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._presence = presence
        self._operations = operations
        self._images = images
        self._firmware = firmware
        self._moving: set[str] = set()
        self._looked_at: dict[str, int] = {}

    async def begin(
        self,
        operator: OperatorId,
        image: str,
        stations: Sequence[StationId],
        when: When,
        pace: Pace,
        *,
        by: str = "",
    ) -> Rollout:
        """Begin a roll-out. Stations that are not connected get their turn when they are."""
        found = await self._images.get(operator, image)
        check_times(when, self._clock.now())
        if when.signed and not found.signed:
            raise Invalid("This image has no signature.", field="signed")
        if not 1 <= pace.at_once <= MOST_AT_ONCE:
            raise Invalid(f"1 to {MOST_AT_ONCE} stations at a time.", field="at_once")
        chosen = tuple(dict.fromkeys(stations))
        if not 1 <= len(chosen) <= MOST_STATIONS:
            raise Invalid(f"1 to {MOST_STATIONS} stations.", field="stations")
        steps = [await self._step(operator, station, found) for station in chosen]
        rollout = Rollout(
            id=str(self._ids.next()),
            image=found.id,
            label=pace.label[:200],
            at_once=pace.at_once,
            stop_after_failures=max(0, pace.stop_after_failures),
            retrieve_at=when.retrieve_at,
            install_at=when.install_at,
            retries=when.retries,
            retry_interval_s=when.retry_interval_s,
            signed=when.signed,
            steps=tuple(steps),
            by=by,
            created_at=self._clock.now(),
        )
        await self._save(operator, rollout)
        return await self.advance(operator, rollout.id)

    async def _step(self, operator: OperatorId, station: StationId, image: Image) -> RolloutStep:
        async with self._store.work(operator) as work:
            found = await work.stations.get(station)
        if found is None:
            raise NotFound("There is no such station.", field="stations")
        if not _fits(found, image):
            raise Invalid(
                f"The image is for {image.vendor} {image.model}; {found.identity} is"
                f" {found.vendor} {found.model}.",
                field="stations",
            )
        return RolloutStep(station=station, identity=found.identity)

    async def get(self, operator: OperatorId, rollout: str) -> Rollout:
        """The roll-out; NotFound."""
        async with self._store.work(operator) as work:
            found = await work.documents.get(Rollout, rollout)
        if found is None:
            raise NotFound("There is no such roll-out.")
        return found

    async def all(self, operator: OperatorId) -> list[Rollout]:
        """Newest first."""
        async with self._store.work(operator) as work:
            found = await work.documents.all(Rollout)
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    async def cancel(self, operator: OperatorId, rollout: str) -> Rollout:
        """Ask no further station. Those that have begun go on: nobody can tell how far they are."""
        found = await self.get(operator, rollout)
        if found.ended_at is not None:
            raise NotNow("This roll-out has ended already.")
        await self._save(operator, msgspec.structs.replace(found, cancelled=True))
        return await self.advance(operator, rollout)

    async def advance_all(self, operator: OperatorId) -> None:
        """Move every roll-out on: what a chore does."""
        for rollout in await self.all(operator):
            if rollout.ended_at is None:
                await self.advance(operator, rollout.id)

    async def advance(self, operator: OperatorId, number: str) -> Rollout:
        """Note what has ended, and ask the next ones."""
        if number in self._moving:
            return await self.get(operator, number)
        self._moving.add(number)
        try:
            return await self._advance(operator, number)
        finally:
            self._moving.discard(number)

    async def _advance(self, operator: OperatorId, number: str) -> Rollout:
        rollout = await self._without_removed(operator, await self.get(operator, number))
        for place, step in enumerate(rollout.steps):
            if step.turn is Turn.RUNNING:
                rollout = _with(rollout, place, await self._ended(operator, step))
        if rollout.cancelled or rollout.stopped:
            for place, step in enumerate(rollout.steps):
                if step.turn is Turn.WAITING:
                    rollout = _with(
                        rollout, place, msgspec.structs.replace(step, turn=Turn.SKIPPED)
                    )
        else:
            rollout = await self._ask(operator, rollout)
        if not rollout.count(Turn.WAITING) and not rollout.count(Turn.RUNNING):
            rollout = msgspec.structs.replace(rollout, ended_at=self._clock.now())
            self._looked_at.pop(number, None)
        fresh = await self.get(operator, number)  # it may have been cancelled in the meantime
        rollout = msgspec.structs.replace(rollout, cancelled=rollout.cancelled or fresh.cancelled)
        if rollout != fresh:
            await self._save(operator, rollout)
        return rollout

    async def _without_removed(self, operator: OperatorId, rollout: Rollout) -> Rollout:
        """Take out stations that were removed. Those that are away are looked for in turns: they may be thousands."""
        away = [
            place
            for place, step in enumerate(rollout.steps)
            if step.turn in (Turn.WAITING, Turn.RUNNING)
            and self._presence.live(step.station) is None
        ]
        begin = self._looked_at.get(rollout.id, 0)
        turn = [place for place in away if place >= begin][:LOOKS] or away[:LOOKS]
        self._looked_at[rollout.id] = turn[-1] + 1 if turn else 0
        async with self._store.work(operator) as work:
            gone = [p for p in turn if await work.stations.get(rollout.steps[p].station) is None]
        for place in gone:
            step = rollout.steps[place]
            skipped = msgspec.structs.replace(step, turn=Turn.SKIPPED, status=REMOVED)
            rollout = _with(rollout, place, skipped)
        return rollout

    async def _ended(self, operator: OperatorId, step: RolloutStep) -> RolloutStep:
        operation = await self._operations.get(operator, OperationId(step.operation or 0))
        turn = Turn.RUNNING
        if operation.state is OperationState.DONE:
            turn = Turn.DONE
        elif operation.ended:
            turn = Turn.FAILED
        return msgspec.structs.replace(step, turn=turn, status=operation.status)

    async def _ask(self, operator: OperatorId, rollout: Rollout) -> Rollout:
        try:
            image = await self._images.get(operator, rollout.image)
        except NotFound:
            return msgspec.structs.replace(rollout, cancelled=True)
        for place, step in enumerate(rollout.steps):
            if rollout.count(Turn.RUNNING) >= rollout.at_once or rollout.stopped:
                break
            if step.turn is not Turn.WAITING:
                continue
            live = self._presence.live(step.station)
            if live is None or live.station.operator != operator or not live.station.registered:
                continue
            if image.version and live.station.firmware == image.version:
                step = msgspec.structs.replace(step, turn=Turn.DONE, status="Installed")
            else:
                step = await self._begin(operator, rollout, image, step)
            rollout = _with(rollout, place, step)
            await self._save(operator, rollout)
        return rollout

    async def _begin(
        self, operator: OperatorId, rollout: Rollout, image: Image, step: RolloutStep
    ) -> RolloutStep:
        running = await self._operations.latest(operator, step.station, (UPDATE,))
        if running is not None and running.arguments.get("rollout") == rollout.id:
            return _running(step, running)  # asked before a crash
        try:
            operation = await self._firmware.update(
                operator,
                step.station,
                image,
                _when(rollout),
                by=rollout.by,
                more={"rollout": rollout.id},
            )
        except RequestError as error:
            return msgspec.structs.replace(step, turn=Turn.FAILED, status=error.message)
        return _running(step, operation)

    async def _save(self, operator: OperatorId, rollout: Rollout) -> None:
        async with self._store.work(operator) as work:
            work.documents.save(rollout)


def _running(step: RolloutStep, operation: Operation) -> RolloutStep:
    """Where a station stands after it was asked. One that did not hear, or did not answer, is asked again."""
    if operation.state is not OperationState.FAILED:
        return msgspec.structs.replace(
            step, turn=Turn.RUNNING, operation=operation.id, status=operation.status
        )
    result: Any = operation.result.get("result")
    if result in LATER:
        return msgspec.structs.replace(step, status=str(result))
    attempts = step.attempts + 1
    again = result in AGAIN and attempts < MOST_ATTEMPTS
    return msgspec.structs.replace(
        step,
        turn=Turn.WAITING if again else Turn.FAILED,
        operation=operation.id,
        status=operation.status or str(result or ""),
        attempts=attempts,
    )


def _when(rollout: Rollout) -> When:
    return When(
        retrieve_at=rollout.retrieve_at,
        install_at=rollout.install_at,
        retries=rollout.retries,
        retry_interval_s=rollout.retry_interval_s,
        signed=rollout.signed,
    )


def _with(rollout: Rollout, place: int, step: RolloutStep) -> Rollout:
    steps = (*rollout.steps[:place], step, *rollout.steps[place + 1 :])
    return msgspec.structs.replace(rollout, steps=steps)


def _fits(station: Station, image: Image) -> bool:
    """An image for another maker's stations is a mistake. What a station has not told yet fits."""
    for wanted, told in ((image.vendor, station.vendor), (image.model, station.model)):
        if wanted and told and wanted.casefold() != told.casefold():
            return False
    return True
