"""Reading stops for two reasons, a full queue here and a station that does not read; it goes on when both are over."""

from __future__ import annotations

from random import Random

import pytest
from websockets.protocol import OPEN

from releve.gateway.door_settings import DoorSettings
from releve.gateway.hub import Hub
from releve.gateway.socket import Socket
from tests.properties.test_socket_differential import Echo, Line, NoDoorman, Outcome


class Watched(Line):
    """A transport that knows whether it is read."""

    reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False


@pytest.mark.parametrize("first", ["queue", "station"])
def test_reading_goes_on_when_both_reasons_are_over(first: str) -> None:
    hub = Hub(NoDoorman(), DoorSettings(), lambda: 1.0, Random(1))
    line = Watched(Outcome())
    receiver = Echo(line.outcome, 0)
    socket = Socket(hub, line, receiver, hub.library(OPEN), peer="192.0.2.1", secure=False)
    socket.hold(True)
    socket.pause_writing()
    assert not line.reading
    over = [lambda: socket.hold(False), socket.resume_writing]
    if first == "station":
        over.reverse()
    over[0]()
    assert not line.reading
    over[1]()
    assert line.reading
