"""Messages on stations' displays: what they say, when they are shown (block O)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from releve.domain.commands import Command
from releve.domain.holding import Holding

LARGEST_ID = 2**31 - 1
LONGEST = 1024
MOST_LANGUAGES = 5


class Priority(StrEnum):
    """2.1 MessagePriorityEnumType."""

    ALWAYS_FRONT = "AlwaysFront"
    """Always shown; there can be one only, a newer one replaces it (O01.FR.16)."""
    IN_FRONT = "InFront"
    """Before the normal cycle, in turn with others of this priority."""
    NORMAL_CYCLE = "NormalCycle"


class ShownIn(StrEnum):
    """2.1 MessageStateEnumType: the state of the station in which a message is shown. Absent: in all."""

    CHARGING = "Charging"
    FAULTED = "Faulted"
    IDLE = "Idle"
    UNAVAILABLE = "Unavailable"
    SUSPENDED = "Suspended"
    DISCHARGING = "Discharging"


class Format(StrEnum):
    """2.1 MessageFormatEnumType."""

    ASCII = "ASCII"
    HTML = "HTML"
    URI = "URI"
    UTF8 = "UTF8"
    QRCODE = "QRCODE"


class Text(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """language: RFC 5646; absent for URIs and QR codes."""

    content: str
    format: Format = Format.UTF8
    language: str | None = None


class DisplayMessage(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A message at a station. extra: the same in other languages (2.1). display: a component's name, where a station
    has several. transaction: its reference; the message goes with it."""

    kind: ClassVar[str] = "display-message"

    id: int
    priority: Priority
    text: Text
    extra: tuple[Text, ...] = ()
    state: ShownIn | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    transaction: str | None = None
    display: str | None = None
    evse: int | None = None
    """Of the display's component."""
    confirmed_at: datetime | None = None

    @property
    def key(self) -> str:
        return str(self.id)


class SetDisplayMessage(Command, frozen=True, kw_only=True):
    """Show a message; one with the same id is replaced (O01, O02, O06)."""

    message: DisplayMessage


class GetDisplayMessages(Command, frozen=True, kw_only=True):
    """Which messages the station has; all when nothing is asked for (O03, O04). They come by NotifyDisplayMessages."""

    expects: ClassVar[tuple[str, ...]] = ("NotifyDisplayMessages",)

    request_id: int
    ids: tuple[int, ...] = ()
    priority: Priority | None = None
    state: ShownIn | None = None


class ClearDisplayMessage(Command, frozen=True, kw_only=True):
    """Take a message away (O05)."""

    id: int


class Fault(msgspec.Struct, frozen=True):
    field: str
    message: str


class DisplayAbilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a station has said of its display. None: not known, and then nothing is refused."""

    available: bool | None = None
    formats: tuple[str, ...] | None = None
    priorities: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None
    most: int | None = None


def wrong(message: DisplayMessage) -> Fault | None:
    """What no station could show."""
    texts = (message.text, *message.extra)
    if not 0 <= message.id <= LARGEST_ID:
        return Fault("id", f"The number is from 0 to {LARGEST_ID}.")
    if len(texts) > MOST_LANGUAGES:
        return Fault("extra", f"A message has at most {MOST_LANGUAGES} languages.")
    for text in texts:
        if not text.content.strip() or len(text.content) > LONGEST:
            return Fault("text", f"A text has 1 to {LONGEST} characters.")
        if text.format is Format.ASCII and not text.content.isascii():
            return Fault("text", "The text has characters beyond ASCII: choose UTF8.")
        if text.format is Format.URI and ":" not in text.content:
            return Fault("text", "A URI begins with its scheme, as in https://example.org/.")
    languages = [t.language.casefold() for t in texts if t.language]
    if len(set(languages)) < len(languages):
        return Fault("extra", "Each language can be there once.")
    for at, field in ((message.start_at, "start_at"), (message.end_at, "end_at")):
        if at is not None and at.tzinfo is None:
            return Fault(field, "The time needs a zone, as in 2027-01-31T12:00:00Z.")
    if message.start_at and message.end_at and message.start_at >= message.end_at:
        return Fault("end_at", "It would end before it begins.")
    return None


def unfit(message: DisplayMessage, able: DisplayAbilities, others: int) -> Fault | None:
    """Why this station cannot show it, by what it has said of itself (O01.FR.01 to FR.03, FR.11).

    others: how many other messages it has.
    """
    if able.available is False:
        return Fault("station", "This station has no display, or it is switched off.")
    for text in (message.text, *message.extra):
        if able.formats is not None and text.format not in able.formats:
            return Fault("format", f"The station shows {_listed(able.formats)}, not {text.format}.")
    if able.priorities is not None and message.priority not in able.priorities:
        return Fault(
            "priority", f"The station knows {_listed(able.priorities)}, not {message.priority}."
        )
    if message.state and able.states is not None and message.state not in able.states:
        return Fault("state", f"The station knows {_listed(able.states)}, not {message.state}.")
    if able.most is not None and others >= able.most:
        return Fault("station", f"The station keeps {able.most} messages, and has as many already.")
    return None


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(words)
