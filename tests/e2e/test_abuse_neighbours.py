"""What one station does must not be felt by another: its neighbour's heartbeats are watched during the abuse.

Only the order of magnitude is asserted, since the machine has other work; `make bench` measures the rest.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.test_abuse_frames import DEFLATE, MESSAGE, bomb
from tests.support.running import Running, running
from tests.support.visitor import PATIENCE_S, Visitor, dialled, let_in, until, visiting
from tests.unit.gateway.door_kit import CONT, PING, frame

SLOWEST_S = 2.0
"""A hundred times what a heartbeat takes here; a loop that is blocked for good takes longer."""


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, handshake_timeout=2.0) as started:
        for identity in ("BAD", "GOOD"):
            await started.add_station(identity)
        yield started


async def fragments(node: Running) -> None:
    async with let_in(node, "BAD") as client:
        client.send(frame(b"[", fin=False))
        for _ in range(40):
            client.send(frame(b" ", CONT, fin=False) * 200)
            await client.writer.drain()


async def bombs(node: Running) -> None:
    for _ in range(5):
        async with let_in(node, "BAD", DEFLATE) as client:
            client.send(bomb(MESSAGE) * 300)
            await client.writer.drain()
            await client.reader.read()


async def pings(node: Running) -> None:
    for _ in range(5):
        async with let_in(node, "BAD") as client:
            client.send(frame(b"x" * 125, PING) * 2000)
            await client.writer.drain()


async def slowloris(node: Running) -> None:
    async with dialled(node) as one, dialled(node) as two, dialled(node) as three:
        for byte in b"GET /ocpp/BAD HTTP/1.1\r\n":
            for client in (one, two, three):
                client.send(bytes([byte]))
                await client.writer.drain()


async def big_reports(node: Running) -> None:
    """A device model of 200 entries in messages of nearly 256 KiB, one after the other."""
    data = {
        "component": {"name": "Component", "evse": {"id": 1}},
        "variable": {"name": "Variable"},
        "variableAttribute": [{"value": "v" * 1100, "mutability": "ReadOnly"}],
        "variableCharacteristics": {"dataType": "string", "supportsMonitoring": False},
    }
    async with visiting(node, "BAD", "ocpp2.0.1") as bad:
        await bad.boot()
        for number in range(10):
            entries = [data | {"variable": {"name": f"V{n}"}} for n in range(180)]
            report = {
                "requestId": 1,
                "generatedAt": "2026-03-01T12:00:00Z",
                "seqNo": number,
                "tbc": True,
                "reportData": entries,
            }
            assert 200_000 < len(json.dumps(report)) < MESSAGE
            assert (await bad.call("NotifyReport", report))[0] == 3


async def junk(node: Running) -> None:
    async with let_in(node, "BAD") as client:
        for _ in range(20):
            client.send(frame(b"[" * 100_000) + frame(b'{"a":' * 20_000))
            await client.writer.drain()


async def calls_without_end(node: Running) -> None:
    """Ten thousand calls without waiting for an answer: read as fast as they are handled, none lost."""
    async with visiting(node, "BAD") as bad:
        await bad.boot()
        for number in range(3000):
            await bad.say(f'[2,"{number}","Heartbeat",{{}}]')
        for number in range(3000):
            assert (await bad.hear())[:2] == [3, str(number)]


async def sends_without_end(node: Running) -> None:
    """2.1's SEND is never answered, so nothing but our own bound slows a station down."""
    stream = {"id": 1, "pending": 0, "basetime": "2026-03-01T12:00:00Z", "data": []}
    stream["data"] = [{"t": 0, "v": "1"}]
    async with visiting(node, "BAD", "ocpp2.1") as bad:
        await bad.boot()
        for number in range(3000):
            await bad.say(json.dumps([6, f"s{number}", "NotifyPeriodicEventStream", stream]))
        assert (await bad.call("Heartbeat", {}))[0] == 3
        link = next(x for x in node.node.house.roster.links() if x.station.identity == "BAD")
        assert link._sends <= 64
        await until(lambda: not link._sends)


ABUSES = [
    fragments,
    bombs,
    pings,
    slowloris,
    big_reports,
    junk,
    calls_without_end,
    sends_without_end,
]


async def watch(good: Visitor, over: asyncio.Event) -> list[float]:
    """How long each heartbeat of a neighbour takes until it is over; at least twenty."""
    took = []
    while not over.is_set() or len(took) < 20:
        begun = time.perf_counter()
        assert (await good.call("Heartbeat", {}))[0] == 3
        took.append(time.perf_counter() - begun)
        await asyncio.sleep(0.002)
    return took


@pytest.mark.parametrize("abuse", ABUSES, ids=lambda abuse: abuse.__name__)
async def test_abuse_17_a_neighbour_is_served_during(
    node: Running, abuse: Callable[[Running], Awaitable[None]]
) -> None:
    async with visiting(node, "GOOD") as good:
        await good.boot()
        over = asyncio.Event()
        watching = asyncio.create_task(watch(good, over))
        try:
            async with asyncio.timeout(2 * PATIENCE_S):
                # A line that is cut under the attacker is what he deserves.
                with suppress(ConnectionError, asyncio.IncompleteReadError):
                    await abuse(node)
        finally:
            over.set()
        took = await watching
        assert max(took) < SLOWEST_S
        assert node.node.store.stats.pending < 100
        await until(lambda: node.node.doors[0].handshakes_under_way == 0)
