"""The shelf of a local controller: images that stations behind it fetch over HTTP (L03, L04)."""

import asyncio
from collections import Counter
from contextlib import suppress
from urllib.parse import quote, unquote

HOST = "127.0.0.1"
LONGEST_HEAD = 16_384
PATIENCE_S = 10.0


class Publisher:
    """Images by the MD5 checksum of their content. The server starts with the first one."""

    def __init__(self) -> None:
        self._images: dict[str, tuple[str, bytes]] = {}
        self._under_way: Counter[str] = Counter()
        self._server: asyncio.Server | None = None

    async def publish(self, checksum: str, name: str, image: bytes) -> str:
        """Put an image on the shelf; the URL it is at.

        Raises:
            OSError: there is no port to be had.
        """
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, HOST, 0, limit=LONGEST_HEAD)
        self._images[checksum] = (name, image)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://{HOST}:{port}/{checksum}/{quote(name)}"

    def unpublish(self, checksum: str) -> str:
        """Unpublished, NoFirmware, or DownloadOngoing while somebody fetches it (L04.FR.01 to .04)."""
        if checksum not in self._images:
            return "NoFirmware"
        if self._under_way[checksum]:
            return "DownloadOngoing"
        del self._images[checksum]
        return "Unpublished"

    async def close(self) -> None:
        """Nothing is offered any more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            async with asyncio.timeout(PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
            await self._answer(head.split(b" ", 2)[1].decode("latin-1"), writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        checksum, _, name = path.strip("/").partition("/")
        found = self._images.get(checksum)
        if found is None or found[0] != unquote(name):
            writer.write(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(found[1])}\r\nConnection: close\r\n\r\n"
        self._under_way[checksum] += 1
        try:
            writer.write(head.encode() + found[1])
            await writer.drain()
        finally:
            self._under_way[checksum] -= 1
