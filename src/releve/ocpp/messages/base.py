"""What every generated type is built on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from msgspec import Meta, Struct

#: An instant, always with a time zone: one that a station sends without is taken as UTC.
Timestamp = Annotated[datetime, Meta(tz=True)]

#: 2.x `customData`: open, so that unknown members survive; needs `vendorId` (at most 255 characters).
CustomData = dict[str, Any]

#: The schemas bound no integer by size, but no database holds one of more than 64 bits (and 2.x allows
#: 32: part 2, section 2.1.4). A station that sends more must not make a write fail later.
LARGEST: Final = 2**63 - 1
Integer = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
Natural = Annotated[int, Meta(ge=0, le=LARGEST)]

#: A number with at most one decimal (1.6 charging rates). Checked in decimal when we send: in
#: binary, 8.1 is no multiple of 0.1.
Tenths = Annotated[float, Meta(extra_json_schema={"multipleOf": 0.1})]

#: An absolute address: a scheme, and only characters that RFC 3986 allows.
Uri = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[]!#$%&-;=?-[_a-z~]*$")]

R_co = TypeVar("R_co", bound="Response", covariant=True)


class Datatype(Struct, kw_only=True, frozen=True, omit_defaults=True, gc=False):
    """A part of messages. Without the garbage collector: messages are trees, never cycles."""


class Message(Datatype, kw_only=True, frozen=True):
    """A payload, whichever way it goes."""


class Response(Message, kw_only=True, frozen=True):
    """The payload of a CALLRESULT."""


class Request(Message, Generic[R_co], kw_only=True, frozen=True):
    """The payload of a CALL; the parameter is the type of its response."""


class Unanswered(Message, kw_only=True, frozen=True):
    """The payload of a SEND (2.1), which has no response."""
