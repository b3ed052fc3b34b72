"""O: display messages in wire names, for both versions that have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from releve.dialects.registry import Unsupported, meaning
from releve.domain.display_message import DisplayMessage, GetDisplayMessages, Text


def wire_message(
    message: DisplayMessage, *, longest: int, extra: bool, label: str
) -> dict[str, Any]:
    """A MessageInfoType. extra: whether the version has more than one language. Raises Unsupported."""
    if message.extra and not extra:
        raise Unsupported(f"a display message of OCPP {label} has one language")
    wire: dict[str, Any] = {
        "id": message.id,
        "priority": message.priority.value,
        "message": _text(message.text, longest, label),
    }
    if message.extra:
        wire["messageExtra"] = [_text(text, longest, label) for text in message.extra]
    if message.display is not None:
        wire["display"] = {
            "name": message.display,
            **({"evse": {"id": message.evse}} if message.evse else {}),
        }
    about = {
        "state": message.state.value if message.state is not None else None,
        "startDateTime": message.start_at,
        "endDateTime": message.end_at,
        "transactionId": message.transaction,
    }
    return wire | {name: value for name, value in about.items() if value is not None}


def _text(text: Text, longest: int, label: str) -> dict[str, Any]:
    if len(text.content) > longest:
        raise Unsupported(f"a text of OCPP {label} has at most {longest} characters")
    language = {"language": text.language} if text.language else {}
    return {"format": text.format.value, "content": text.content, **language}


def message_told(wire: Mapping[str, Any]) -> DisplayMessage:
    """A MessageInfoType, as built-in values in wire names."""
    display = wire.get("display") or {}
    told = {
        "id": wire["id"],
        "priority": wire["priority"],
        "text": wire["message"],
        "extra": wire.get("messageExtra") or [],
        "state": wire.get("state"),
        "start_at": wire.get("startDateTime"),
        "end_at": wire.get("endDateTime"),
        "transaction": wire.get("transactionId"),
        "display": display.get("name"),
        "evse": (display.get("evse") or {}).get("id"),
    }
    with meaning("a display message"):
        return msgspec.convert(told, DisplayMessage)


def wanted(command: GetDisplayMessages) -> dict[str, Any]:
    """GetDisplayMessagesRequest: what is not asked for is left out (O03.FR.02)."""
    asked: dict[str, Any] = {"requestId": command.request_id}
    if command.ids:
        asked["id"] = list(command.ids)
    if command.priority is not None:
        asked["priority"] = command.priority.value
    if command.state is not None:
        asked["state"] = command.state.value
    return asked
