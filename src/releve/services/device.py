"""What a station's device model says of its abilities. Asked in rare moments only: it is a read of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from releve.domain.commands import VariableName
from releve.domain.ids import StationId
from releve.services.ports import Work

Asked = tuple[str, str, str]
"""Component, variable, instance (of the variable; "" for none)."""


class DeviceFacts(msgspec.Struct, frozen=True):
    """Values by what was asked; where EVSEs have one each, that of the lowest EVSE. Absent: never reported."""

    values: Mapping[Asked, str]
    limits: Mapping[Asked, float] = {}
    """The maxLimit of a variable, where it has one."""

    def text(self, component: str, variable: str, instance: str = "") -> str | None:
        return self.values.get((component, variable, instance))

    def flag(self, component: str, variable: str, instance: str = "") -> bool | None:
        """None: not known."""
        told = self.text(component, variable, instance)
        return None if told is None else told.strip().casefold() == "true"

    def number(self, component: str, variable: str, instance: str = "") -> int | None:
        told = self.text(component, variable, instance)
        try:
            return None if told is None else int(float(told))
        except ValueError:
            return None

    def most(self, component: str, variable: str, instance: str = "") -> int | None:
        """Its maxLimit."""
        told = self.limits.get((component, variable, instance))
        return None if told is None else int(told)

    def members(self, component: str, variable: str, instance: str = "") -> tuple[str, ...] | None:
        """The words of a list; None: not known, or empty (which stations write for "not told")."""
        told = self.text(component, variable, instance)
        words = tuple(word.strip() for word in (told or "").split(",") if word.strip())
        return words or None


async def device_facts(
    work: Work, station: StationId, asked: Iterable[Asked], evses: Iterable[int] = ()
) -> DeviceFacts:
    """The last reported values of these variables, of the station itself or of one of `evses`."""
    names = {
        VariableName(component=component, variable=variable, instance=instance, evse=evse): (
            component,
            variable,
            instance,
        )
        for component, variable, instance in asked
        for evse in (None, *sorted(set(evses) - {0}))
    }
    known = await work.variables.get(station, list(names))
    limits = {names[v.name]: v.max_limit for v in known if v.max_limit is not None}
    found = {v.name: v.value for v in known if v.value is not None}
    values: dict[Asked, str] = {}
    for name, key in names.items():  # the station's own first, then by EVSE
        if name in found:
            values.setdefault(key, found[name])
    return DeviceFacts(values, limits)
