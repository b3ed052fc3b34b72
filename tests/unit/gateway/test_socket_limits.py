"""What an open connection may cost: silence, floods, readers that do not read."""

from __future__ import annotations

import asyncio
import socket as sockets

import pytest

from tests.unit.gateway.door_kit import (
    CONT,
    PING,
    PONG,
    Ear,
    Host,
    frame,
    open_door,
)

BOTH_LOOPS = True


async def test_a_silent_station_is_pinged_and_dropped_when_it_does_not_answer():
    async with open_door(ping_interval_s=0.2, pong_timeout_s=0.2) as door:
        client, ear = await door.station()

        assert await client.frame() == (0x89, b"")
        client.send(frame(b"", PONG))
        assert await client.frame() == (0x89, b"")  # the answer was enough for one more round
        assert await ear.was_closed == (1006, "no answer to a ping")
        assert await client.gone()
        assert door.server.counters.closes == {1006: 1}


async def test_any_message_proves_life():
    async with open_door(ping_interval_s=0.2, pong_timeout_s=0.3) as door:
        client, ear = await door.station()
        for _ in range(3):
            assert await client.frame() == (0x89, b"")
            client.send(frame(b"[]"))
            assert await client.frame() == (0x81, b"[]")

        assert not ear.was_closed.done()


async def test_half_a_frame_proves_life_too():
    async with open_door(ping_interval_s=0.2, pong_timeout_s=0.3) as door:
        client, ear = await door.station()
        slowly = frame(b"slow")
        for i in range(0, len(slowly), 3):
            assert await client.frame() == (0x89, b"")
            client.send(slowly[i : i + 3])
        assert await client.frame() == (0x81, b"slow")
        assert not ear.was_closed.done()


async def test_a_station_that_never_answers_pings_may_be_forgiven():
    async with open_door(ping_interval_s=0.2, pong_timeout_s=None) as door:
        client, ear = await door.station()
        for _ in range(3):
            assert await client.frame() == (0x89, b"")

        assert not ear.was_closed.done()


async def test_pings_are_set_for_one_connection_at_run_time():
    async with open_door(ping_interval_s=None) as door:
        client, ear = await door.station()
        assert ear.socket is not None
        assert door.server.wheel.waiting == 0
        ear.socket.set_ping(0.1, 0.1)
        assert await client.frame() == (0x89, b"")
        ear.socket.set_ping(None, None)

        assert door.server.wheel.waiting == 0
        client.send(frame(b"[]"))
        assert await client.frame() == (0x81, b"[]")


@pytest.mark.parametrize("flood", [frame(b"p", PING), frame(b"p", PONG)])
async def test_a_flood_of_control_frames_ends_with_1008(flood):
    async with open_door(max_control_frames=10) as door:
        client, ear = await door.station()
        client.send(frame(b"[]") + flood * 11)

        assert (await ear.was_closed)[0] == 1008
        assert await client.frame() == (0x81, b"[]")


async def test_pings_at_a_normal_pace_are_no_flood():
    async with open_door(max_control_frames=2, control_window_s=0.0) as door:
        client, ear = await door.station()
        for _ in range(10):
            client.send(frame(b"p", PING))
            assert await client.frame() == (0x8A, b"p")
        assert not ear.was_closed.done()


async def small_reader(door):
    """A station that reads nothing, with little room in its kernel."""
    client, ear = await door.station()
    raw = client.writer.get_extra_info("socket")
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    client.writer.transport.pause_reading()
    return client, ear


async def test_more_than_the_bound_unsent_cuts_the_line():
    async with open_door(max_unsent_bytes=200_000) as door:
        _, ear = await small_reader(door)
        assert ear.socket is not None
        sent = 0
        while ear.socket.send_text(b"x" * 50_000):
            sent += 1
            await asyncio.sleep(0)  # lets the kernel take what it can
            assert sent < 10_000

        assert await ear.was_closed == (1006, "does not read what we send")


async def test_a_reader_that_stalls_is_dropped_and_not_read_from():
    async with open_door(stall_timeout_s=0.3, ping_interval_s=None) as door:
        client, ear = await small_reader(door)
        assert ear.socket is not None
        ear.echo = False
        while ear.socket.unsent_bytes < 100_000:
            assert ear.socket.send_text(b"x" * 10_000)
            await asyncio.sleep(0)
        client.send(frame(b"more work for you"))

        assert await ear.was_closed == (1006, "does not read what we send")
        assert ear.texts == []


async def test_a_reader_that_catches_up_is_kept():
    async with open_door(stall_timeout_s=5, ping_interval_s=None) as door:
        client, ear = await door.station()
        client.writer.transport.pause_reading()
        assert ear.socket is not None
        sent = 0
        while ear.socket.unsent_bytes < 100_000:
            assert ear.socket.send_text(b"x" * 10_000)
            sent += 1
            await asyncio.sleep(0)
        client.send(frame(b"and now?"))
        client.writer.transport.resume_reading()
        for _ in range(sent):
            assert await client.frame() == (0x81, b"x" * 10_000)

        assert await client.frame() == (0x81, b"and now?")
        assert ear.socket.unsent_bytes == 0


async def test_after_an_error_what_still_comes_is_dropped_and_not_for_ever():
    async with open_door(max_message_bytes=1000, linger_s=30) as door:
        client, ear = await door.station()
        client.send(frame(b"x" * 2000))
        assert (await ear.was_closed)[0] == 1009
        assert await client.frame()
        client.send(b"x" * 100_000)

        assert await client.gone()  # long before the linger time
        assert ear.socket is not None
        assert ear.socket.bytes_in < 3000


async def test_an_unfinished_message_is_held_by_its_owner_only():
    async with open_door() as door:
        slow, slow_ear = await door.station("/ocpp/SLOW")
        slow.send(frame(b"begin", fin=False))
        other, _ = await door.station("/ocpp/OTHER")
        other.send(frame(b"quick"))
        assert await other.frame() == (0x81, b"quick")
        slow.send(frame(b" end", CONT))

        assert await slow.frame() == (0x81, b"begin end")
        assert slow_ear.texts == [b"begin end"]


async def test_a_receiver_that_fails_to_open_or_close_is_logged(caplog):
    class Broken(Ear):
        def opened(self, socket):
            self.socket = socket
            raise RuntimeError("no opening")

        def closed(self, code, reason):
            super().closed(code, reason)
            raise RuntimeError("no closing")

    async with open_door(Host(receiver=Broken)) as door:
        client = await door.dial()
        assert "101" in await client.shake("/ocpp/ST-1")

        assert (await client.frame())[1][:2] == b"\x03\xf3"
        client.send(frame(b"\x03\xf3", 0x8))
        assert (await door.host.ears[0].was_closed)[0] == 1011
    assert "no opening" in caplog.text
    assert "no closing" in caplog.text
