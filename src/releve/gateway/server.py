"""The listening side of the stations' door."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from random import Random

from websockets.frames import CloseCode

from releve.gateway.door import Doorman
from releve.gateway.door_settings import DoorSettings
from releve.gateway.handshake import Handshake
from releve.gateway.hub import Counters, Hub
from releve.gateway.socket import Socket
from releve.gateway.tls import DoorContext
from releve.gateway.wheel import Wheel

__all__ = ["StationServer", "serve_stations"]


class StationServer:
    """A door that is open. Made by `serve_stations`."""

    def __init__(self, hub: Hub, server: asyncio.Server, tls: DoorContext | None = None) -> None:
        self._hub = hub
        self._server = server
        self.tls = tls
        """By which new connections are made; None: this door speaks without TLS."""
        self.addresses: tuple[tuple[str, int], ...] = tuple(
            listener.getsockname()[:2] for listener in server.sockets
        )
        """Where it listens: host and port, the real one where 0 was asked for."""

    @property
    def port(self) -> int:
        """The port of the first address."""
        return self.addresses[0][1]

    @property
    def sockets(self) -> Collection[Socket]:
        """The connections, including those that are just closing."""
        return self._hub.sockets

    @property
    def counters(self) -> Counters:
        """Numbers since the start."""
        return self._hub.counters

    @property
    def handshakes_under_way(self) -> int:
        """Peers that have connected and are neither let in nor refused yet."""
        return len(self._hub.knocking)

    @property
    def wheel(self) -> Wheel:
        """The door's timer wheel, for other deadlines of its connections."""
        return self._hub.wheel

    async def close(
        self, code: int = CloseCode.GOING_AWAY, reason: str = "", *, grace_s: float | None = None
    ) -> None:
        """Let nobody in, tell everybody, and wait until they are gone.

        Those that do not answer within `grace_s` (default: the close time-out) are cut off.
        """
        self._server.close()
        for handshake in list(self._hub.knocking):
            handshake.turn_away()
        for socket in list(self._hub.sockets):
            socket.close(code, reason)
        settings = self._hub.settings
        patience_s = settings.close_timeout_s if grace_s is None else grace_s
        if not await self._hub.emptied(patience_s):
            for connection in self._hub.connections():
                connection.abort()
            await self._hub.emptied(settings.linger_s)
        self._hub.wheel.stop()


async def serve_stations(
    doorman: Doorman,
    settings: DoorSettings,
    *,
    clock: Callable[[], float] = time.monotonic,
    random: Random | None = None,
) -> StationServer:
    """Open the door on the running loop (uvloop for speed; any will do).

    `clock` is monotonic, in seconds. Raises OSError if the address cannot be had.
    """
    loop = asyncio.get_running_loop()
    hub = Hub(doorman, settings, clock, random or Random())  # noqa: S311 - spreads load, hides nothing
    tls = None
    if settings.certificates:
        tls = DoorContext.opened(
            settings.certificates,
            asks=settings.ask_certificates,
            demand=settings.demand_certificates,
        )
    server = await loop.create_server(
        lambda: Handshake(hub),
        settings.host,
        settings.port,
        ssl=tls,
        backlog=settings.backlog,
        reuse_address=True,
        # Allowed only with TLS; these phases pass before there is a `Handshake`.
        ssl_handshake_timeout=settings.handshake_timeout_s if tls else None,
        ssl_shutdown_timeout=settings.linger_s if tls else None,
    )
    hub.wheel.start(loop)
    return StationServer(hub, server, tls)
