"""A provider of contract certificates for tests, over HTTP on loopback: speaks as pools do, or in bare EXI."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Asked:
    """One request: headers in lower case, body as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class ContractPool:
    """contracts: what it has for any car, as the EXI bytes of the responses. status: HTTP status of its answers."""

    contracts: list[bytes] = field(default_factory=lambda: [b"\x80\x98\x02contract"])
    status: int = 200
    delay_s: float = 0.0
    raw: bytes | None = None
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def answer(self, asked: Asked) -> bytes:
        """The body of the answer."""
        if self.raw is not None:
            return self.raw
        if asked.headers.get("content-type") == "application/exi":
            return self.contracts[0]
        content = [
            {
                "messageDef": {
                    "certificateInstallationRes": base64.b64encode(exi).decode(),
                    "emaid": f"NLTNM00012204{i}",
                }
            }
            for i, exi in enumerate(self.contracts)
        ]
        return json.dumps({"CCPResponse": {"emaidContent": content}}).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(":") for line in lines if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            asked = Asked(headers, body)
            self.asked.append(asked)
            await asyncio.sleep(self.delay_s)
            content = self.answer(asked)
            head = f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + content)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def providing(pool: ContractPool) -> AsyncIterator[ContractPool]:
    """The pool at work on a free port of this machine; `url` is set."""
    server = await asyncio.start_server(pool.serve, "127.0.0.1", 0)
    pool.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/ccp/signedContractData"
    try:
        yield pool
    finally:
        server.close()
        await server.wait_closed()
