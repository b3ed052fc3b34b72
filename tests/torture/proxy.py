"""A network between a node and its PostgreSQL server, with the faults of networks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit, urlunsplit

CHUNK = 1 << 16
COMMIT = b"COMMIT\x00"
"""How the node's own COMMIT looks on the wire (a simple query)."""


class Weather(StrEnum):
    """What becomes of connections and of what is said on them."""

    FINE = "fine"
    CUT = "cut"
    """Connections are reset, new ones too."""
    BLACK_HOLE = "black-hole"
    """Nothing arrives, nobody is told; later everything does."""
    HELD_COMMIT = "held-commit"
    """A COMMIT is on its way, and stays there."""


class Proxy:
    """Listens on `port`, talks to the server."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._weather = Weather.FINE
        self._fine = asyncio.Event()
        self._fine.set()
        self._held = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._nodes: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def change(self, weather: Weather) -> None:
        """From now on."""
        self._weather = weather
        if weather in (Weather.FINE, Weather.CUT):
            self._fine.set()
        else:
            self._fine.clear()
        if weather is Weather.CUT:
            for writer in list(self._writers):
                writer.transport.abort()

    async def let_commit_come_late(self, hold_s: float, late_s: float) -> None:
        """Hold the next COMMIT; reset the node's connections, so that it takes it for lost; let it arrive all the same.

        hold_s: how long at most until there is one. late_s: how much later it arrives; meanwhile new connections work.
        """
        self._held.clear()
        self.change(Weather.HELD_COMMIT)
        try:
            async with asyncio.timeout(hold_s):
                await self._held.wait()
        except TimeoutError:
            self.change(Weather.FINE)
            return
        for writer in list(self._nodes):
            writer.transport.abort()
        self._weather = Weather.FINE  # for new connections; what is held waits for `_fine`
        await asyncio.sleep(late_s)
        self.change(Weather.FINE)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._carry(reader, writer)
        except OSError:
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._weather is Weather.CUT:
            return
        theirs, ours = await asyncio.open_connection(*self._server)
        self._writers |= {writer, ours}
        self._nodes.add(writer)
        try:
            back = asyncio.create_task(self._pump(theirs, writer, watched=False))
            await self._pump(reader, ours, watched=True)
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)
        finally:
            self._writers -= {writer, ours}
            self._nodes.discard(writer)
            ours.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, watched: bool
    ) -> None:
        try:
            while data := await reader.read(CHUNK):
                if self._weather is Weather.BLACK_HOLE:
                    await self._fine.wait()
                if watched and self._weather is Weather.HELD_COMMIT and COMMIT in data:
                    self._held.set()
                    await self._fine.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()  # what was written still goes out

    async def close(self) -> None:
        """Let go of everything."""
        self.change(Weather.CUT)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before the server of `url`, and the URL through it."""
    parts = urlsplit(url)
    proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    server = await asyncio.start_server(proxy._accepted, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    user, at, _ = parts.netloc.rpartition("@")
    through: Any = parts._replace(netloc=f"{user}{at}127.0.0.1:{proxy.port}")
    try:
        yield proxy, urlunsplit(through)
    finally:
        server.close()
        await proxy.close()
        await server.wait_closed()
