"""Abuse of the WebSocket by stations that were let in. The numbers are those of the house's list of abuse cases."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import Running, running
from tests.support.visitor import dialled, let_in, line_of, until, visiting
from tests.unit.gateway.door_kit import CONT, PING, Client, frame

MESSAGE = 256 * 1024
BEAT = b'[2,"1","Heartbeat",{}]'


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as started:
        await started.add_station("BAD")
        await started.add_station("GOOD")
        yield started


async def ended(client: Client) -> int:
    """Read until the close frame; its code. 1006 if the line is cut without one."""
    try:
        while True:
            first, payload = await asyncio.wait_for(client.frame(), 20)
            if first == 0x88:
                return int.from_bytes(payload[:2], "big")
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return 1006


async def neighbour_is_served(node: Running) -> None:
    async with visiting(node, "GOOD") as good:
        assert (await good.boot())["status"] == "Accepted"


async def test_abuse_15_a_frame_of_100_mb_is_refused_by_its_header(node: Running) -> None:
    async with let_in(node, "BAD") as client:
        client.send(b"\x81\xff" + (100 << 20).to_bytes(8, "big") + b"mask" + b"x" * 1000)
        assert await ended(client) == 1009
    await neighbour_is_served(node)


async def test_abuse_15_the_largest_message_is_taken_and_one_byte_more_is_not(
    node: Running,
) -> None:
    def call(size: int) -> bytes:
        empty = json.dumps([2, "big", "DataTransfer", {"vendorId": "v", "data": ""}]).encode()
        return empty.replace(b'"data": ""', b'"data": "' + b"x" * (size - len(empty)) + b'"')

    async with let_in(node, "BAD") as client:
        assert len(call(MESSAGE)) == MESSAGE
        client.send(frame(call(MESSAGE)))
        first, answer = await asyncio.wait_for(client.frame(), 20)
        assert first == 0x81
        assert json.loads(answer)[:2] in ([3, "big"], [4, "big"])
        client.send(frame(call(MESSAGE + 1)))
        assert await ended(client) == 1009


@pytest.mark.parametrize("size", [0, 1, 1000])
async def test_abuse_15_endless_fragments_are_ended(node: Running, size: int) -> None:
    async with let_in(node, "BAD") as client:
        client.send(frame(b"[", fin=False))
        piece = frame(b" " * size, CONT, fin=False)
        for _ in range(10_000):
            client.send(piece)
        assert await ended(client) in (1009, 1006)
    await neighbour_is_served(node)


def bomb(size: int) -> bytes:
    """A compressed frame that unfolds to so many bytes."""
    squeeze = zlib.compressobj(9, wbits=-15)
    squeezed = squeeze.compress(b" " * size) + squeeze.flush(zlib.Z_SYNC_FLUSH)
    return frame(squeezed[:-4], rsv=4)


DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"


async def test_abuse_16_a_compression_bomb_is_not_unfolded(node: Running) -> None:
    async with let_in(node, "BAD", DEFLATE) as client:
        client.send(bomb(50 << 20))
        assert await ended(client) == 1009
    await neighbour_is_served(node)


@pytest.mark.parametrize(("loaded", "code"), [(True, 1009), (False, 1008)])
async def test_abuse_16_many_small_bombs_in_one_read_are_stopped_together(
    node: Running, loaded: bool, code: int
) -> None:
    """Each keeps below the limit of a message, a thousand of them fit into one read of the socket."""
    async with let_in(node, "BAD", DEFLATE) as client:
        if loaded:
            client.send(frame(BEAT))
            await asyncio.wait_for(client.frame(), 20)
        client.send(bomb(MESSAGE) * 1000)
        assert await ended(client) == code
    assert node.node.doors[0].counters.frames_long < 50
    await neighbour_is_served(node)


async def test_abuse_16_bombs_before_the_station_is_loaded_are_bounded(
    node: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes while a slow database is asked about the station is kept, but not without limit."""
    door = asyncio.Event()
    store = node.node.store
    real = store.work

    def work(operator: Any) -> Any:
        unit = real(operator)
        get = unit.stations.get

        class Slow:
            def __getattr__(self, name: str) -> Any:
                return getattr(type(unit.stations), name).__get__(unit.stations)

            async def get(self, station: Any) -> Any:
                await door.wait()
                return await get(station)

        object.__setattr__(unit, "stations", Slow())
        return unit

    monkeypatch.setattr(type(store), "work", lambda _, operator: work(operator))
    async with let_in(node, "BAD", DEFLATE) as client:
        link = node.node.house.roster.links()[0]
        for _ in range(40):
            client.send(bomb(MESSAGE - 1000))
        assert await ended(client) == 1008
        assert sum(len(data) for data in link._early or ()) <= 2 * 1024 * 1024
        door.set()
    await node.node.house.settled()


async def test_abuse_15_invalid_utf_8_is_refused(node: Running) -> None:
    async with let_in(node, "BAD") as client:
        client.send(frame(b'[2,"1","Heartbeat",{"x":"\xff"}]'))
        assert await ended(client) == 1007


async def test_abuse_15_binary_and_unmasked_frames_are_refused(node: Running) -> None:
    async with let_in(node, "BAD") as client:
        client.send(frame(BEAT, 0x2))
        assert await ended(client) == 1003
    async with let_in(node, "BAD") as client:
        client.send(frame(BEAT, masked=False))
        assert await ended(client) == 1002


async def test_abuse_18_a_flood_of_pings_is_ended(node: Running) -> None:
    async with let_in(node, "BAD") as client:
        client.send(frame(b"x" * 125, PING) * 5000)
        assert await ended(client) == 1008
    await neighbour_is_served(node)


async def test_abuse_18_a_reader_that_never_reads_is_cut_off(tmp_path: Path) -> None:
    async with running(tmp_path, max_send_queue=64 * 1024) as node:
        station = await node.add_station("BAD")
        await node.add_station("GOOD")
        async with let_in(node, "BAD") as client:
            client.reader._transport.pause_reading()  # type: ignore[attr-defined]
            # Unknown actions are answered at once, with nothing to wait for.
            call = frame(json.dumps([2, "x" * 36, "N" * 60, {}]).encode())
            for _ in range(60):
                try:
                    client.send(call * 500)
                    await asyncio.wait_for(client.writer.drain(), 1)
                except (TimeoutError, ConnectionError):
                    break
                if not node.node.doors[0].sockets:
                    break
            await until_gone(node)
        assert await line_of(node, station) != "online"
        await neighbour_is_served(node)


async def until_gone(node: Running) -> None:
    """The stalled line is either cut for what it left unread, or no longer read from: then nothing more piles up."""
    sockets = list(node.node.doors[0].sockets)
    for socket in sockets:
        assert socket.unsent_bytes <= 64 * 1024 + MESSAGE
        socket.abort("the test is over")
    await until(lambda: not node.node.doors[0].sockets)
    await node.node.house.settled()


async def test_abuse_17_a_station_that_sends_a_byte_at_a_time_holds_up_nobody(
    node: Running,
) -> None:
    async with let_in(node, "BAD") as slow:
        for byte in frame(BEAT)[:-1]:
            slow.send(bytes([byte]))
            await slow.writer.drain()
        await neighbour_is_served(node)
        slow.send(frame(BEAT)[-1:])
        first, answer = await asyncio.wait_for(slow.frame(), 20)
        assert (first, json.loads(answer)[:2]) == (0x81, [3, "1"])


async def test_abuse_17_eager_bytes_before_the_101_are_bounded(node: Running) -> None:
    async with dialled(node) as client:
        client.send(b"G" + b"x" * 100_000)
        assert (await asyncio.wait_for(client.head(), 20)).startswith("HTTP/1.1 431 ")
