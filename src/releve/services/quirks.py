"""The vendors' quirks: what is known of a station's family, and what the operator switched for one station."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from releve.domain.quirks import NONE, Family, Quirks, merged
from releve.domain.station import Station
from releve.services.errors import Invalid


class QuirkTable:
    """Pure: which quirks a station has, from what it says of itself and from its row."""

    def __init__(self, families: Iterable[Family] = ()) -> None:
        self.families = tuple(families)

    def matched(self, station: Station) -> list[Family]:
        """The families that a station belongs to; none before it has told vendor and model."""
        told = (station.vendor, station.model, station.firmware)
        return [family for family in self.families if any(told) and family.has(*told)]

    def of(self, station: Station) -> Quirks:
        """Its quirks; `NONE` for most."""
        families = self.matched(station)
        if not families and not station.quirks:
            return NONE
        return merged(families, station.quirks)


def switched(station: Station, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The station's own switches after some changes. changes: quirks by name; None: as the table has it.

    Raises Invalid when a name or a value is none of a quirk's.
    """
    after = dict(station.quirks)
    for name, value in changes.items():
        if name not in Quirks.__struct_fields__:
            raise Invalid(f"There is no quirk {name}.", field=name)
        if value is None:
            after.pop(name, None)
            continue
        try:
            msgspec.convert({name: value}, Quirks)
        except msgspec.ValidationError as error:
            raise Invalid(f"This is no value for {name}: {error}.", field=name) from error
        after[name] = value
    return after
