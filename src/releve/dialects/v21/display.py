"""O: display messages."""

from __future__ import annotations

import msgspec

from releve.dialects.v2.display import message_told, wanted, wire_message
from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome
from releve.domain.display_message import (
    ClearDisplayMessage,
    GetDisplayMessages,
    SetDisplayMessage,
)
from releve.ocpp.messages.v21 import (
    ClearDisplayMessageRequest,
    ClearDisplayMessageResponse,
    GetDisplayMessagesRequest,
    GetDisplayMessagesResponse,
    NotifyDisplayMessagesRequest,
    NotifyDisplayMessagesResponse,
    SetDisplayMessageRequest,
    SetDisplayMessageResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

LONGEST = 1024


@v21.asks
def set_display_message(
    command: SetDisplayMessage, station: LiveStation
) -> SetDisplayMessageRequest:
    message = wire_message(command.message, longest=LONGEST, extra=True, label="2.1")
    return msgspec.convert({"message": message}, SetDisplayMessageRequest)


@v21.hears
def display_message_set(command: SetDisplayMessage, response: SetDisplayMessageResponse) -> Outcome:
    return heard(response)


@v21.asks
def get_display_messages(
    command: GetDisplayMessages, station: LiveStation
) -> GetDisplayMessagesRequest:
    return msgspec.convert(wanted(command), GetDisplayMessagesRequest)


@v21.hears
def display_messages_got(
    command: GetDisplayMessages, response: GetDisplayMessagesResponse
) -> Outcome:
    return heard(response)


@v21.asks
def clear_display_message(
    command: ClearDisplayMessage, station: LiveStation
) -> ClearDisplayMessageRequest:
    return ClearDisplayMessageRequest(id=command.id)


@v21.hears
def display_message_cleared(
    command: ClearDisplayMessage, response: ClearDisplayMessageResponse
) -> Outcome:
    return heard(response)


@v21.answers
async def notify_display_messages(
    request: NotifyDisplayMessagesRequest, inbound: Inbound, services: Services
) -> NotifyDisplayMessagesResponse:
    messages = [message_told(msgspec.to_builtins(info)) for info in request.message_info]
    await services.displays.told(inbound, request.request_id, request.tbc, messages)
    return NotifyDisplayMessagesResponse()
