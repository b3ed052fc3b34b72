"""B05, B06: reading and writing variables in as many messages as the station's limits ask for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import msgspec

from releve.domain.commands import (
    Command,
    GetVariables,
    Outcome,
    Result,
    SetVariables,
    VariableName,
    VariableResult,
)
from releve.domain.station import Station
from releve.domain.variables import PRIORITY, network_in_use, problem_of
from releve.services.limits import Limits
from releve.services.ports import Caller, Presence, Store

T = TypeVar("T")
NOT_SENT = "NotSent"
"""Our word for a variable that was not asked for, because something before it failed."""


class VariableCalls:
    def __init__(self, store: Store, presence: Presence, caller: Caller, limits: Limits) -> None:
        self._store = store
        self._presence = presence
        self._caller = caller
        self._limits = limits

    async def get(self, station: Station, command: GetVariables, timeout: float | None) -> Outcome:
        """Read variables; all that the station has when none is named."""
        if not command.names:
            return await self._caller.perform(station.id, command, timeout=timeout)
        live = self._presence.live(station.id)
        one = live is not None and live.quirks.one_key_at_a_time
        messages = await self._fitting(
            station,
            "GetVariables",
            command.names,
            lambda names: msgspec.structs.replace(command, names=tuple(names)),
            key=lambda name: name,
            most=1 if one else None,
        )
        return await self._all(station, messages, command.names, timeout)

    async def set(self, station: Station, command: SetVariables, timeout: float | None) -> Outcome:
        """Write variables. What the station is known not to take is not sent; nothing else is then, either."""
        if command.checked:
            refused = await self._refused(station, command)
            if refused is not None:
                return refused
        names = tuple(name for name, _ in command.values)
        messages = await self._fitting(
            station,
            "SetVariables",
            command.values,
            lambda values: msgspec.structs.replace(command, values=tuple(values)),
            key=lambda value: _same(value[0]),  # B05.FR.13
        )
        return await self._all(station, messages, names, timeout)

    async def _refused(self, station: Station, command: SetVariables) -> Outcome | None:
        names = [name for name, _ in command.values]
        async with self._store.work(station.operator) as work:
            known = {v.name: v for v in await work.variables.get(station.id, [*names, PRIORITY])}
        problems = {
            name: problem
            for name, value in command.values
            if name in known and (problem := problem_of(known[name], value))
        }
        in_use = network_in_use(names, known[PRIORITY].value if PRIORITY in known else None)
        if in_use is not None:  # B09.FR.10
            problems[in_use] = (
                "This network profile is in use; change another one, then NetworkConfigurationPriority."
            )
        if not problems:
            return None
        told = "; ".join(f"{name.variable}: {problem}" for name, problem in problems.items())
        return Outcome(
            result=Result.INVALID,
            description=told,
            variables=tuple(
                VariableResult(name=name, status=NOT_SENT, reason=problems.get(name, ""))
                for name in names
            ),
        )

    async def _fitting(
        self,
        station: Station,
        action: str,
        items: Sequence[T],
        make: Callable[[Sequence[T]], Command],
        *,
        key: Callable[[T], Hashable],
        most: int | None = None,
    ) -> list[Command]:
        """One command for each message. Never more items, nor more bytes, than the station takes at once."""
        items_name, bytes_name = f"ItemsPerMessage{action}", f"BytesPerMessage{action}"
        known = await self._limits.some(station, (items_name, bytes_name))
        if most is None and items_name in known:
            most = known[items_name].value
        room = known[bytes_name].value if bytes_name in known else None
        found: list[Command] = []
        for batch in batches(items, most, key):
            found += self._in_bytes(station, batch, make, room)
        return found

    def _in_bytes(
        self,
        station: Station,
        batch: Sequence[T],
        make: Callable[[Sequence[T]], Command],
        room: int | None,
    ) -> list[Command]:
        command = make(batch)
        if room is None or len(batch) < 2:
            return [command]
        size = self._caller.size(station.id, command)
        if size is None or size <= room:
            return [command]
        half = len(batch) // 2
        return [
            *self._in_bytes(station, batch[:half], make, room),
            *self._in_bytes(station, batch[half:], make, room),
        ]

    async def _all(
        self,
        station: Station,
        messages: Sequence[Command],
        names: Sequence[VariableName],
        timeout: float | None,
    ) -> Outcome:
        """Send one message after the other, and put the answers together; what fails ends it."""
        outcomes: list[Outcome] = []
        for command in messages:
            outcome = await self._one(station, command, timeout)
            outcomes.append(outcome)
            if outcome.result is not Result.ANSWERED:
                break
        return outcomes[0] if len(messages) == 1 else together(outcomes, names)

    async def _one(self, station: Station, command: Command, timeout: float | None) -> Outcome:
        """One message when the version can carry all values, else one for each (1.6 ChangeConfiguration)."""
        outcome = await self._caller.perform(station.id, command, timeout=timeout)
        several = isinstance(command, SetVariables) and len(command.values) > 1
        if outcome.result is not Result.UNSUPPORTED or not several:
            return outcome
        assert isinstance(command, SetVariables)
        singles = [msgspec.structs.replace(command, values=(one,)) for one in command.values]
        names = [name for name, _ in command.values]
        return await self._all(station, singles, names, timeout)


def batches(
    items: Sequence[T], most: int | None, key: Callable[[T], Hashable]
) -> list[Sequence[T]]:
    """Items in their order, at most so many together, and none with the same key as another beside it."""
    found: list[list[T]] = [[]]
    seen: set[Hashable] = set()
    for item in items:
        if (most and len(found[-1]) >= most) or key(item) in seen:
            found.append([])
            seen = set()
        found[-1].append(item)
        seen.add(key(item))
    return list(found)


def together(outcomes: Sequence[Outcome], names: Sequence[VariableName]) -> Outcome:
    """The outcomes of several messages about these variables as one."""
    last = outcomes[-1]
    variables = tuple(result for outcome in outcomes for result in outcome.variables)
    told = {_same(result.name) for result in variables}
    if last.result is not Result.ANSWERED:
        variables += tuple(
            VariableResult(name=name, status=NOT_SENT) for name in names if _same(name) not in told
        )
    words = {result.status for result in variables}
    durations = [o.duration_ms for o in outcomes if o.duration_ms is not None]
    return msgspec.structs.replace(
        last,
        status=words.pop() if len(words) == 1 else None,
        accepted=all(outcome.accepted for outcome in outcomes),
        payload=[outcome.payload for outcome in outcomes if outcome.payload is not None],
        variables=variables,
        duration_ms=round(sum(durations), 1) if durations else None,
    )


def _same(name: VariableName) -> Hashable:
    """Names are compared without regard to case (2.x part 2, 2.2)."""
    words = (name.component, name.component_instance, name.variable, name.instance, name.attribute)
    return (*(word.casefold() for word in words), name.evse, name.connector)
