"""Timestamps in our form, just before a message is encoded.

msgspec writes a `datetime` with six decimals and the offset it has; OCPP wants at most three, and we always send
UTC. So the few messages that hold timestamps are copied with each one replaced by its text. One function per
type is composed once: it touches only the way to the timestamps.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any

from msgspec.structs import force_setattr

from releve.ocpp import _shapes as shapes
from releve.ocpp.instants import write_instant
from releve.ocpp.messages.base import Datatype

Stamp = Callable[[Any], Any]


def stamp_for(cls: type[Datatype]) -> Stamp | None:
    """What makes a message ready to encode; None if it can hold no timestamp."""
    shape = shapes.shape_of(cls)
    return _stamp(shape) if shapes.has_instants(shape) else None


def _stamp(shape: shapes.Shape) -> Stamp:
    match shape:
        case shapes.Record():
            return _record(shape)
        case shapes.Sequence():
            each = _stamp(shape.item)
            return lambda items: [each(item) for item in items]
        case _:
            return _instant


def _record(shape: shapes.Record) -> Stamp:
    way = tuple(
        (member.attribute, _stamp(member.shape))
        for member in shape.members
        if shapes.has_instants(member.shape)
    )

    def stamped(record: Any) -> Any:
        twin = None
        for attribute, stamp in way:
            value = getattr(record, attribute)
            if value is not None and value != []:
                twin = copy(record) if twin is None else twin
                force_setattr(twin, attribute, stamp(value))
        return record if twin is None else twin

    return stamped


def _instant(value: Any) -> Any:
    """Anything but a time is left as it is: `check` is there to complain."""
    return write_instant(value) if isinstance(value, datetime) else value
