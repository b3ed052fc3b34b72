"""Calls to stations: implements `services.ports.Caller` on the links of this process."""

from __future__ import annotations

from typing import Any

import msgspec

from releve.dialects.registry import Unreadable, Unsupported, meaning
from releve.domain.commands import Command, Outcome, Result
from releve.domain.ids import StationId
from releve.gateway.link import Link
from releve.gateway.roster import Roster
from releve.ocpp import codec
from releve.ocpp.errors import Malformed
from releve.ocpp.rpc.vocabulary import Role, vocabulary_of

REMOVED = 1008
FRAME_BYTES = 48
"""Of a CALL around its action and payload: brackets, quotes, and an id of at most 36 characters."""
NOT_CONNECTED = Outcome(result=Result.OFFLINE, description="The station is not connected.")


class StationCalls:
    def __init__(self, roster: Roster, timeout_s: float) -> None:
        self._roster = roster
        self._timeout_s = timeout_s

    async def perform(
        self, station: StationId, command: Command, *, timeout: float | None = None
    ) -> Outcome:
        """Turn a command into this station's version, send it, and read the answer."""
        link = self._ready(station)
        if link is None or link.live is None:
            return NOT_CONNECTED
        try:
            asked = link.dialect.ask(command, link.live)
            payload = codec.encode_checked(asked.request)  # type: ignore[arg-type]
        except Unsupported as error:
            return Outcome(result=Result.UNSUPPORTED, description=str(error))
        except codec.Unsendable as error:
            return Outcome(result=Result.INVALID, description=str(error))
        outcome, message = await link.calling.call(
            asked.action, payload, timeout or self._timeout_s
        )
        if message is None:
            return outcome
        try:
            with meaning(f"the answer to {asked.action}"):
                read = asked.hear(message)
        except Unreadable as error:
            return msgspec.structs.replace(outcome, result=Result.MALFORMED, description=str(error))
        return msgspec.structs.replace(
            read, payload=outcome.payload, duration_ms=outcome.duration_ms
        )

    def size(self, station: StationId, command: Command) -> int | None:
        """Bytes of the whole frame that a command becomes."""
        link = self._ready(station)
        if link is None or link.live is None:
            return None
        try:
            asked = link.dialect.ask(command, link.live)
        except Unsupported:
            return None
        return len(codec.encode(asked.request)) + len(asked.action) + FRAME_BYTES  # type: ignore[arg-type]

    async def call(
        self,
        station: StationId,
        action: str,
        payload: dict[str, Any],
        *,
        timeout: float | None = None,
        checked: bool = True,
    ) -> Outcome:
        """Send an action as it is. checked: one that breaks the version's schema is not sent."""
        link = self._ready(station)
        if link is None:
            return NOT_CONNECTED
        version = link.dialect.version
        if action not in vocabulary_of(version, Role.STATION).calls:
            return Outcome(
                result=Result.UNSUPPORTED,
                description=f"OCPP {version.label} has no action {action} that a station answers.",
            )
        text = msgspec.json.encode(payload)
        if checked:
            problem = _problem(version, action, text)
            if problem:
                return Outcome(result=Result.INVALID, description=problem)
        outcome, _ = await link.calling.call(action, text, timeout or self._timeout_s)
        status = outcome.payload.get("status") if isinstance(outcome.payload, dict) else None
        accepted = outcome.result is Result.ANSWERED and status in (
            None,
            "Accepted",
            "Scheduled",
            "Unlocked",
        )
        return msgspec.structs.replace(
            outcome, status=status if isinstance(status, str) else None, accepted=accepted
        )

    async def disconnect(self, station: StationId, reason: str) -> bool:
        """Close a station's connection."""
        link = self._roster.link(station)
        if link is None:
            return False
        link.close(REMOVED, reason)
        return True

    def _ready(self, station: StationId) -> Link | None:
        link = self._roster.link(station)
        return link if link is not None and link.live is not None else None


def _problem(version: Any, action: str, text: bytes) -> str:
    """What of the schema a payload breaks, in words; empty when nothing."""
    try:
        message = codec.decode_request(version, action, text, strict=True)
    except Malformed as error:
        return f"{error.code.spelling(version)}: {error.description}"
    return "; ".join(str(violation) for violation in codec.check(message))
