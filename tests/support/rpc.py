"""Sessions and frames for the tests of the RPC."""

import json
from typing import Any

import msgspec

from releve.ocpp.rpc import AnsweredCalls, Limits, MessageIds, Role, Session
from releve.ocpp.version import Version

SOFT = b'{"type":"Soft"}'
"""The payload of a Reset in 1.6."""


def csms(
    version: Version = Version.V16,
    limits: Limits | None = None,
    answered: AnsweredCalls | None = None,
) -> Session:
    """A CSMS's session."""
    ids = MessageIds("test")
    return Session(version, Role.CSMS, ids, limits=limits or Limits(), answered=answered)


def written(session: Session) -> list[Any]:
    """The frames that the session wants written, as JSON values."""
    return [json.loads(frame) for frame in session.take()]


def frame(*members: object) -> bytes:
    """A frame of these members."""
    return msgspec.json.encode(members)


def heartbeat(call_id: str) -> bytes:
    """A Heartbeat CALL."""
    return frame(2, call_id, "Heartbeat", {})
