"""Fuzz the decoder of one version: from the bytes of a text frame to a typed message, as the gateway does it.

What must hold for any bytes: nothing but `Malformed` is raised below the frame, a session answers or drops every frame
and stays usable, and what was decoded can be encoded, decoded again, and is the same.
"""

from __future__ import annotations

import json

from releve.ocpp import _shapes as shapes
from releve.ocpp import codec
from releve.ocpp.errors import Malformed
from releve.ocpp.messages import v16, v21, v201
from releve.ocpp.rpc import MessageIds, Role, Session
from releve.ocpp.rpc.frames import READERS, Call, CallResult, Send
from releve.ocpp.version import Version
from tests.support.spoiled import complete

BEAT = b'[2,"alive","Heartbeat",{}]'


class Decoding:
    """One target. Called with bytes; raises AssertionError for a finding."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._reader = READERS[version]

    def __call__(self, data: bytes) -> None:
        self._session(data)
        try:
            data.decode()
        except UnicodeDecodeError:
            return  # the socket refuses it before
        frame = self._reader.read(data)
        if isinstance(frame, Call | Send):
            self._payload(frame.action, bytes(frame.payload))
        elif isinstance(frame, CallResult):
            self._response(bytes(frame.payload))

    def _session(self, data: bytes) -> None:
        """Whatever came before, a good call is handled; and no answer of ours is anything but a frame."""
        session = Session(self.version, Role.CSMS, MessageIds("fuzz"))
        session.receive(data, 0.0)
        written = session.take()
        if (current := session.current) is not None:
            session.answer(current.id, b"{}")
            written += session.take()
        assert type(session.receive(BEAT, 1.0)) is Call, "the session is stuck"
        for answer in written:
            assert json.loads(answer)[0] in (3, 4), answer

    def _payload(self, action: str, payload: bytes) -> None:
        try:
            decoded = codec.decode_request_noted(self.version, action, payload)
        except Malformed:
            return
        encoded = codec.encode(decoded.message)
        again = codec.decode_request(self.version, action, encoded)
        assert codec.encode(again) == encoded, f"{action} does not survive: {encoded!r}"

    def _response(self, payload: bytes) -> None:
        for action in ("DataTransfer", "Reset", "GetLocalListVersion"):
            try:
                codec.decode_response_noted(self.version, action, payload)
            except Malformed:
                continue


def seeds(version: Version) -> list[bytes]:
    """A small, valid frame of every action that a station sends, and some that are none."""
    package = {Version.V16: v16, Version.V201: v201, Version.V21: v21}[version]
    frames = [b"", b"[]", b'[3,"x",{}]', b'[4,"x","InternalError","",{}]', b'[5,"x","y","",{}]']
    for action in sorted(package.FROM_STATION):
        message = complete(shapes.shape_of(package.REQUESTS[action]))
        frames.append(f'[2,"1","{action}",{codec.encode(message).decode()}]'.encode())
    return frames
