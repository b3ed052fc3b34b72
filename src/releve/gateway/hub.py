"""What all connections at one door share, so that each one can stay small."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.protocol import CONNECTING, State
from websockets.server import ServerProtocol

from releve.gateway.door import Doorman
from releve.gateway.door_settings import DoorSettings
from releve.gateway.proxies import is_trusted
from releve.gateway.wheel import Wheel

if TYPE_CHECKING:
    from websockets.datastructures import Headers
    from websockets.typing import Origin, Subprotocol

    from releve.gateway.handshake import Handshake
    from releve.gateway.socket import Socket

__all__ = ["Counters", "Hub", "Library"]

# The library tells every connection at level INFO; we count them instead.
_library_log = logging.getLogger("releve.gateway.websockets")
_library_log.setLevel(logging.WARNING)


class Library(ServerProtocol):
    """`websockets`' protocol without its opinions on what the doorman decides."""

    def process_origin(self, headers: Headers) -> Origin | None:
        """Stations send foreign origins, or several; none is refused for it."""
        return None

    def process_subprotocol(self, headers: Headers) -> Subprotocol | None:
        """The doorman chooses, later."""
        return None


@dataclass(slots=True)
class Counters:
    """Plain numbers since the start, for the metrics."""

    accepted: int = 0
    frames_short: int = 0
    """Messages taken the short way."""
    frames_long: int = 0
    """Frames that went through the library."""
    handshakes: Counter[str] = field(default_factory=Counter)
    """By outcome: the HTTP status, or why there was none."""
    closes: Counter[int] = field(default_factory=Counter)
    """By close code."""


class Hub:
    """Settings, clock, wheel, counters, and who is connected or knocking."""

    def __init__(
        self,
        doorman: Doorman,
        settings: DoorSettings,
        clock: Callable[[], float],
        random: Random,
    ) -> None:
        self.doorman = doorman
        self.settings = settings
        self.clock = clock
        self.random = random
        self.wheel = Wheel(clock)
        self.counters = Counters()
        self.sockets: set[Socket] = set()
        self.knocking: set[Handshake] = set()
        self.leaving: set[Handshake] = set()
        self._knocking_from: Counter[str] = Counter()
        self._empty: asyncio.Future[None] | None = None
        # No context is kept from message to message: a station that compresses would cost 300 KB.
        self._extensions = (
            [
                ServerPerMessageDeflateFactory(
                    server_no_context_takeover=True,
                    client_no_context_takeover=True,
                    server_max_window_bits=12,
                    compress_settings={"memLevel": 5},
                )
            ]
            if settings.compression
            else None
        )

    def library(self, state: State = CONNECTING) -> Library:
        """A fresh sans-I/O protocol."""
        return Library(
            extensions=self._extensions,
            max_size=self.settings.max_message_bytes,
            state=state,
            logger=_library_log,
        )

    def enter(self, handshake: Handshake, address: str) -> bool:
        """Count a handshake; False if there are too many, in all or from this address."""
        settings = self.settings
        full = len(self.knocking) >= settings.max_handshakes
        # Behind a proxy all stations have one address.
        if not is_trusted(address, settings.trusted_proxies):
            full = full or self._knocking_from[address] >= settings.max_handshakes_per_address
            self._knocking_from[address] += 1
        self.knocking.add(handshake)
        return not full

    def leave(self, handshake: Handshake, address: str) -> None:
        """The handshake is over, one way or the other. Harmless when repeated."""
        if handshake not in self.knocking:
            return
        self.knocking.discard(handshake)
        if address in self._knocking_from:
            self._knocking_from[address] -= 1
            if not self._knocking_from[address]:
                del self._knocking_from[address]

    def retry_after_s(self) -> int:
        """A different wait for each, so that a crowd sent away does not return as one."""
        return round(self.settings.retry_after_s * self.random.uniform(1, 3))

    def forget(self, connection: Socket | Handshake) -> None:
        """A connection has ended."""
        self.sockets.discard(connection)
        self.leaving.discard(connection)
        if self._empty is not None and not self._empty.done() and not self.connections():
            self._empty.set_result(None)

    def connections(self) -> list[Socket | Handshake]:
        """Everything that still has a transport."""
        return [*self.sockets, *self.knocking, *self.leaving]

    async def emptied(self, timeout_s: float) -> bool:
        """Wait until no connection is left; False if some still are."""
        if self.connections():
            self._empty = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._empty], timeout=timeout_s)
        return not self.connections()
