"""Messages on stations' displays."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from releve.api.command_forms import CommandResult, result_of
from releve.api.commands import ASKING, CONTROL, Patience
from releve.api.here import Asker, Line, Note, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.api.paging import Items
from releve.domain.display_message import (
    LARGEST_ID,
    DisplayMessage,
    Format,
    Priority,
    ShownIn,
    Text,
)
from releve.services.views import OperationView

TAGS = ["Displays"]
Number = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ID)]


class TextBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """language: RFC 5646, as en or fr-CH."""

    content: Note
    format: Format = Format.UTF8
    language: Line | None = None


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """id: absent, a free one is taken; one that is there already is replaced. extra: other languages (2.1).

    transaction: the station's name for it; the message goes when it ends. unchecked: let the station judge what it
    can show.
    """

    id: Number | None = None
    priority: Priority = Priority.NORMAL_CYCLE
    text: TextBody
    extra: list[TextBody] = []
    state: ShownIn | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    transaction: Line | None = None
    display: Line | None = None
    evse: Number | None = None
    unchecked: bool = False


class ManyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """stations: ids or identities, at most 500."""

    stations: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=500)]
    message: MessageBody


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing given: all messages."""

    ids: list[Number] = []
    priority: Priority | None = None
    state: ShownIn | None = None


class DisplayClearing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Number


class ShowResult(CommandResult, frozen=True, kw_only=True):
    """id: of the message."""

    id: int


class SentView(msgspec.Struct, frozen=True, kw_only=True):
    """problem: why nothing was sent to this station."""

    station: str
    accepted: bool = False
    problem: str = ""
    result: CommandResult | None = None


@get(
    "/stations/{station:str}/display-messages",
    operation_id="listDisplayMessages",
    summary="Messages on a station's display",
    tags=TAGS,
)
async def list_messages(desk: TheDesk, asker: Asker, station: StationKey) -> Items[DisplayMessage]:
    """As last confirmed by the station; those that have run out are left away."""
    found = await station_id(desk, asker, station)
    return Items(items=await desk.services.displays.all(asker.operator, found))


@post(
    "/stations/{station:str}/display-messages",
    operation_id="showDisplayMessage",
    summary="Show a message",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def show(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[MessageBody],
    timeout: Patience = None,
) -> ShowResult:
    """A new message, or another one in place of that with the same id (2.x)."""
    displays = desk.services.displays
    found = await station_id(desk, asker, station)
    number = data.id
    if number is None:
        number = await displays.free_id(asker.operator, found)
    outcome = await displays.show(
        asker.operator,
        found,
        message_of(data, number),
        unchecked=data.unchecked,
        by=asker.name,
        timeout=timeout,
    )
    return ShowResult(**msgspec.structs.asdict(result_of(outcome)), id=number)


@post(
    "/display-messages",
    operation_id="showDisplayMessageAtMany",
    summary="Show a message at many stations",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def show_at_many(desk: TheDesk, asker: Asker, data: JSONBody[ManyBody]) -> Items[SentView]:
    """One after the other, with what became of it at each. It needs an id, the same at all of them."""
    names = {await station_id(desk, asker, name): name for name in data.stations}
    message = message_of(data.message, data.message.id or 1)
    sent = await desk.services.displays.show_at_many(
        asker.operator, list(names), message, by=asker.name
    )
    return Items(
        items=[
            SentView(
                station=names[one.station],
                accepted=one.outcome is not None and one.outcome.accepted,
                problem=one.problem,
                result=None if one.outcome is None else result_of(one.outcome),
            )
            for one in sent
        ]
    )


@post(
    "/stations/{station:str}/display-messages/read",
    operation_id="readDisplayMessages",
    summary="Ask a station for its messages",
    tags=TAGS,
    opt=ASKING,
    status_code=200,
)
async def read(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Wanted | None] = None,
    timeout: Patience = None,
) -> OperationView:
    """All, or some. When the operation is done, the list of messages is what the station has told."""
    found = await station_id(desk, asker, station)
    wanted = data or Wanted()
    operation = await desk.services.displays.read(
        asker.operator,
        found,
        ids=wanted.ids,
        priority=wanted.priority,
        state=wanted.state,
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, operation)


@post(
    "/stations/{station:str}/display-messages/clear",
    operation_id="clearDisplayMessage",
    summary="Take a message away",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def clear(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[DisplayClearing],
    timeout: Patience = None,
) -> CommandResult:
    """By its number. Unknown: the station has none of it."""
    found = await station_id(desk, asker, station)
    return result_of(
        await desk.services.displays.clear(
            asker.operator, found, data.id, by=asker.name, timeout=timeout
        )
    )


def message_of(body: MessageBody, number: int) -> DisplayMessage:
    """The message of a body."""

    def text(told: TextBody) -> Text:
        return Text(content=told.content, format=told.format, language=told.language)

    return DisplayMessage(
        id=number,
        priority=body.priority,
        text=text(body.text),
        extra=tuple(text(one) for one in body.extra),
        state=body.state,
        start_at=body.start_at,
        end_at=body.end_at,
        transaction=body.transaction,
        display=body.display,
        evse=body.evse,
    )


ROUTES = (list_messages, show, show_at_many, read, clear)
