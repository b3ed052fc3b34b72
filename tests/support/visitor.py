"""Somebody at the stations' door of a whole node: well-behaved, or with bare bytes."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.support.running import Running
from tests.unit.gateway.door_kit import Client, request, status

PATIENCE_S = 20.0
BOOTS = {
    "ocpp1.6": {"chargePointModel": "M", "chargePointVendor": "V"},
    "ocpp2.0.1": {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}},
}
BOOTS["ocpp2.1"] = BOOTS["ocpp2.0.1"]


def now() -> str:
    """The time as stations write it."""
    return datetime.now(UTC).isoformat()


def basic(user: str | bytes, password: str | bytes) -> str:
    """An Authorization header's value."""
    raw = b":".join(x.encode() if isinstance(x, str) else x for x in (user, password))
    return f"Basic {base64.b64encode(raw).decode()}"


@asynccontextmanager
async def dialled(node: Running) -> AsyncIterator[Client]:
    """A TCP connection to the door, nothing said yet."""
    client = Client(*await asyncio.open_connection("127.0.0.1", node.node.station_port))
    try:
        yield client
    finally:
        client.writer.transport.abort()


@asynccontextmanager
async def let_in(node: Running, identity: str, *headers: str, **how: Any) -> AsyncIterator[Client]:
    """A connection of bare bytes after its handshake."""
    async with dialled(node) as client:
        head = await client.shake(f"/ocpp/{identity}", *headers, **how)
        assert head.startswith("HTTP/1.1 101 "), head
        yield client


async def knock(node: Running, target: str, *headers: str, **how: Any) -> int:
    """The status that an upgrade request gets."""
    async with dialled(node) as client:
        client.send(request(target, *headers, **how))
        return status(await asyncio.wait_for(client.head(), PATIENCE_S))


class Visitor:
    """A station by `websockets`, which hands out whatever comes."""

    def __init__(self, socket: ClientConnection, version: str) -> None:
        self.socket = socket
        self.version = version
        self._ids = count(1)

    async def hear(self) -> Any:
        """The next frame."""
        return json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE_S))

    async def say(self, text: str | bytes) -> None:
        """Any text frame."""
        await self.socket.send(text, text=True)

    async def call(self, action: str, payload: Any, message_id: str | None = None) -> Any:
        """The frame that answers a CALL."""
        message_id = message_id or f"v-{next(self._ids)}"
        await self.say(json.dumps([2, message_id, action, payload]))
        answer = await self.hear()
        assert answer[1] == message_id, answer
        return answer

    async def ask(self, action: str, payload: Any) -> Any:
        """The payload of the CALLRESULT that answers a CALL."""
        answer = await self.call(action, payload)
        assert answer[0] == 3, answer
        return answer[2]

    async def boot(self) -> Any:
        """The answer to a BootNotification."""
        return await self.ask("BootNotification", BOOTS[self.version])

    async def start(self, token: str = "ADA", wh: int = 1000, **more: Any) -> Any:
        """1.6: begin a transaction; the whole response."""
        about = {"connectorId": 1, "idTag": token, "meterStart": wh, "timestamp": now(), **more}
        return await self.ask("StartTransaction", about)

    async def stop(self, transaction: int, wh: int, **more: Any) -> Any:
        """1.6: end a transaction; the whole response."""
        about = {"transactionId": transaction, "meterStop": wh, "timestamp": now(), **more}
        return await self.ask("StopTransaction", about)

    async def closed(self) -> int:
        """Wait for the end; its close code."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE_S)
        return self.socket.close_code or 1006


@asynccontextmanager
async def visiting(
    node: Running, identity: str, version: str = "ocpp1.6", **options: Any
) -> AsyncIterator[Visitor]:
    """A connected station."""
    url = f"{node.stations_url}/{identity}"
    async with connect(url, subprotocols=[Subprotocol(version)], **options) as socket:
        yield Visitor(socket, version)


async def until(true: Callable[[], bool]) -> None:
    """Wait for a state that no event tells of."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def event(node: Running, topic: str, identity: str, after: int = 0) -> Any:
    """Wait for an event about a station; events of the past count as well. Returns (its place, the event)."""
    async with asyncio.timeout(PATIENCE_S):
        async for one in node.node.bus.listen(1, topics=frozenset({topic}), after=after):  # type: ignore[arg-type]
            if one.event.identity == identity:
                return one.id, one.event
    raise AssertionError("the feed ended")


async def line_of(node: Running, station: str) -> str:
    """A station's connectivity as the API tells it."""
    return str((await node.get(f"/stations/{station}"))["connectivity"])


async def anomalies(node: Running, station: str) -> list[str]:
    """Kinds of a station's open anomalies."""
    return [row["kind"] for row in (await node.get("/anomalies", station=station))["items"]]
