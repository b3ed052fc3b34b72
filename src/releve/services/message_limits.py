"""How much a station takes in one message: ItemsPerMessage and BytesPerMessage of its device model (2.x)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from releve.domain.commands import GetVariables, VariableName
from releve.domain.ids import OperatorId, StationId
from releve.services.commands import Commands
from releve.services.limits import Limits

T = TypeVar("T")
ENVELOPE_BYTES = 120
"""Of the frame around the items: message id, action, brackets."""
_NAMES = ("ItemsPerMessage", "BytesPerMessage")


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """None: the station names none."""

    items: int | None = None
    size: int | None = None

    def split(self, items: Sequence[T], wire: Callable[[T], Any]) -> list[tuple[T, ...]]:
        """The items in as few messages as allowed; each has at least one. wire: an item as it will be written."""
        groups: list[tuple[T, ...]] = []
        group: list[T] = []
        size = ENVELOPE_BYTES
        for item in items:
            needs = len(msgspec.json.encode(wire(item))) + 1
            full = self.items is not None and len(group) >= max(1, self.items)
            heavy = self.size is not None and size + needs > self.size
            if group and (full or heavy):
                groups.append(tuple(group))
                group, size = [], ENVELOPE_BYTES
            group.append(item)
            size += needs
        if group:
            groups.append(tuple(group))
        return groups


class MessageLimits:
    """Known from reports and readings; asked for once when they are needed and unknown."""

    def __init__(self, limits: Limits, commands: Commands) -> None:
        self._limits = limits
        self._commands = commands

    async def of(
        self, operator: OperatorId, station: StationId, component: str, action: str
    ) -> Room:
        """The limits of an action, such as MonitoringCtrlr's of SetVariableMonitoring."""
        found = await self._commands.station(operator, station)
        known = tuple(f"{name}{action}" for name in _NAMES)
        learned = await self._limits.some(found, known)
        if not learned:
            names = tuple(
                VariableName(component=component, variable=name, instance=action) for name in _NAMES
            )
            await self._commands.perform(operator, station, GetVariables(names=names), timeout=10)
            learned = await self._limits.some(found, known)
        items, size = (learned.get(name) for name in known)
        return Room(items=items.value if items else None, size=size.value if size else None)
