"""Events as rows, and back."""

from __future__ import annotations

from typing import Any

import msgspec

from releve.domain.events import TOPICS, Event
from releve.services.ports import Announced
from releve.storage.mapping import to_json
from releve.storage.tables import outbox
from releve.storage.times import micros
from releve.storage.writes import Row, insert

ADD_EVENT = insert(outbox, ("id", "operator_id", "topic", "at", "event"))


def row_of(place: int, event: Event) -> Row:
    """The outbox row of an event at its place."""
    return (place, event.operator, event.topic, micros(event.at), to_json(event))


def event_of(place: int, topic: str, text: str) -> Announced | None:
    """The event of a row; None when its kind is not known to this version (a newer one wrote it)."""
    kind: Any = TOPICS.get(topic)
    if kind is None:
        return None
    event: Event = msgspec.json.decode(text, type=kind)
    return Announced(place, event)
