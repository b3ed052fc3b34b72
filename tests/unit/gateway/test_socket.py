"""An open connection, over real sockets: messages, control frames, closing."""

from __future__ import annotations

import asyncio
import zlib

import pytest
import websockets

from releve.gateway.socket import Socket
from tests.unit.gateway.door_kit import (
    BINARY,
    CONT,
    PING,
    PONG,
    TEXT,
    Door,
    Ear,
    Host,
    close_frame,
    frame,
    open_door,
    request,
)

BOTH_LOOPS = True


async def counted(door: Door) -> tuple[int, int]:
    return door.server.counters.frames_short, door.server.counters.frames_long


async def test_a_text_frame_is_taken_the_short_way_and_answered_unmasked():
    async with open_door() as door:
        client, ear = await door.station()
        client.send(frame(b'[2,"1","Heartbeat",{}]'))

        assert await client.frame() == (0x81, b'[2,"1","Heartbeat",{}]')
        assert ear.texts == [b'[2,"1","Heartbeat",{}]']
        assert await counted(door) == (1, 0)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 100_000])
async def test_every_length_form_is_read_and_written(size):
    async with open_door() as door:
        client, _ = await door.station()
        client.send(frame(b"x" * size))

        assert await client.frame() == (0x81, b"x" * size)


async def test_frames_cut_and_joined_anywhere_are_found():
    async with open_door() as door:
        client, ear = await door.station()
        stream = frame(b"one") + frame(b"two" * 50) + frame(b"three")
        for i in range(len(stream)):
            client.send(stream[i : i + 1])
            await client.writer.drain()
        for expected in (b"one", b"two" * 50, b"three"):
            assert await client.frame() == (0x81, expected)
        client.send(stream)
        for expected in (b"one", b"two" * 50, b"three"):
            assert await client.frame() == (0x81, expected)
        assert len(ear.texts) == 6


async def test_messages_sent_with_the_request_are_not_lost():
    async with open_door() as door:
        client = await door.dial()
        client.send(request("/ocpp/ST-1") + frame(b"ping me", PING) + frame(b"eager"))

        assert "101 Switching" in await client.head()
        assert await client.frame() == (0x8A, b"ping me")
        assert await client.frame() == (0x81, b"eager")


async def test_fragments_are_joined_with_a_ping_answered_in_between():
    async with open_door() as door:
        client, ear = await door.station()
        client.send(frame("gr\u00fc".encode()[:3], fin=False) + frame(b"p", PING))
        assert await client.frame() == (0x8A, b"p")
        client.send(frame("gr\u00fc".encode()[3:], CONT, fin=False) + frame(b"n", CONT))

        assert await client.frame() == (0x81, "grün".encode())
        client.send(frame(b"short again"))
        assert await client.frame() == (0x81, b"short again")
        assert ear.texts == ["grün".encode(), b"short again"]
        assert door.server.counters.frames_short == 1


async def test_the_library_is_released_between_messages():
    async with open_door() as door:
        client, ear = await door.station()
        client.send(frame(b"a", fin=False) + frame(b"b", CONT) + frame(b"p", PING))
        assert await client.frame() == (0x81, b"ab")
        assert await client.frame() == (0x8A, b"p")

        assert ear.socket is not None
        assert ear.socket._passage is None
        assert ear.socket._tail is None


async def test_compression_is_used_both_ways_when_offered():
    async with (
        open_door() as door,
        websockets.connect(f"{door.url}/ocpp/ST-1", subprotocols=["ocpp1.6"]) as station,  # type: ignore[list-item]
    ):
        message = '{"measurand":"Energy.Active.Import.Register"}' * 100
        await station.send(message)

        assert await station.recv() == message
        assert "permessage-deflate" in station.response.headers["Sec-WebSocket-Extensions"]  # type: ignore[union-attr]
        ear = door.host.ears[0]
        assert ear.texts == [message.encode()]
        assert ear.socket is not None
        assert ear.socket.bytes_in < 400
        assert ear.socket.bytes_out < 400
        await station.send("short")
        assert await station.recv() == "short"


async def test_compression_is_not_used_unless_offered():
    async with (
        open_door() as door,
        websockets.connect(f"{door.url}/ocpp/ST-1", compression=None) as station,
    ):
        await station.send("plain")
        assert await station.recv() == "plain"
        assert "Sec-WebSocket-Extensions" not in station.response.headers  # type: ignore[union-attr]


DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"


async def test_a_compression_bomb_is_bounded():
    async with open_door() as door:
        client, ear = await door.station("/ocpp/ST-1", DEFLATE)
        squeeze = zlib.compressobj(wbits=-15)
        bomb = squeeze.compress(b"0" * 50_000_000) + squeeze.flush(zlib.Z_SYNC_FLUSH)
        assert len(bomb) < 60_000
        client.send(frame(bomb[:-4], rsv=4))

        assert (await client.closing())[0] == 1009
        assert (await ear.was_closed)[0] == 1009
        assert not ear.texts


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(b"\xff\xfe"), 1007),
        (frame("\u00e9".encode()[:1]), 1007),
        (frame(b"\xed\xa0\x80"), 1007),  # a lone surrogate
        (frame(b"\xff", fin=False) + frame(b"", CONT), 1007),
        (frame(b"[]", BINARY), 1003),
        (frame(b"[]", BINARY, fin=False), 1003),
        (frame(b"x" * 1001), 1009),
        (frame(b"x" * 65536), 1009),
        (frame(b"x" * 600, fin=False) + frame(b"x" * 600, CONT), 1009),
        (frame(b"x", fin=False) + frame(b"", CONT, fin=False) * 20, 1009),
        (b"\x81\xff" + b"\x7f" * 8, 1009),
        (frame(b"[]", masked=False), 1002),
        (frame(b"[]", rsv=4), 1002),
        (frame(b"[]", 0x3), 1002),
        (frame(b"late", CONT), 1002),
        (frame(b"a", fin=False) + frame(b"b"), 1002),
        (frame(b"p" * 126, PING), 1002),
        (frame(b"p", PING, fin=False), 1002),
        (frame(b"\x03", 0x8), 1002),
        (frame(b"\x03\xee", 0x8), 1002),  # 1006 must not be sent
    ],
)
async def test_what_must_not_be_sent_ends_the_connection_with_its_code(sent, code):
    async with open_door(max_message_bytes=1000, max_fragments=10) as door:
        client, ear = await door.station()
        client.send(frame(b"before") + sent + frame(b"after"))

        assert await client.frame() == (0x81, b"before")
        assert (await client.closing())[0] == code
        client.writer.close()
        assert (await ear.was_closed)[0] in (code, 1006)
        assert ear.texts == [b"before"]
        assert door.server.counters.closes.total() == 1


async def test_the_station_closes():
    async with open_door() as door:
        client, ear = await door.station()
        client.send(close_frame(1001, "going home") + frame(b"too late"))

        assert await client.closing() == (1001, "going home")
        assert await ear.was_closed == (1001, "going home")
        assert ear.texts == []
        assert door.server.counters.closes == {1001: 1}


async def test_the_station_closes_without_a_code():
    async with open_door() as door:
        client, ear = await door.station()
        client.send(frame(b"", 0x8))

        assert await client.frame() == (0x88, b"")
        assert await ear.was_closed == (1005, "")


async def test_the_station_hangs_up_without_a_word():
    async with open_door() as door:
        client, ear = await door.station()
        client.writer.close()

        assert await ear.was_closed == (1006, "")
        assert ear.socket is not None
        assert ear.socket.send_text(b"anybody?") is False
        assert ear.socket.unsent_bytes == 0


async def test_we_close_and_hear_nothing_more():
    async with open_door() as door:
        client, ear = await door.station()
        assert ear.socket is not None
        ear.socket.close(4000, "replaced " + "\u00e9" * 100)
        client.send(frame(b"still here"))
        first, payload = await client.frame()
        assert (first, payload[:2]) == (0x88, b"\x0f\xa0")
        assert payload[2:].decode().startswith("replaced é")
        assert ear.socket.send_text(b"more") is False
        client.send(close_frame(4000))

        assert await ear.was_closed == (4000, "replaced " + "é" * 100)
        assert await client.gone()
        assert ear.texts == []


async def test_we_close_in_the_middle_of_a_frame_of_theirs():
    async with open_door() as door:
        client, ear = await door.station()
        half = frame(b"a long message, cut")
        client.send(frame(b"first") + half[:9])
        assert await client.frame() == (0x81, b"first")
        assert ear.socket is not None
        ear.socket.close(1000)
        client.send(half[9:] + close_frame(1000))

        assert await client.closing() == (1000, "")
        assert await ear.was_closed == (1000, "")
        assert ear.texts == [b"first"]


async def test_a_close_that_is_not_answered_ends_anyway():
    async with open_door(close_timeout_s=0.2) as door:
        client, ear = await door.station()
        assert ear.socket is not None
        ear.socket.close(1000, "goodbye")

        assert await ear.was_closed == (1000, "goodbye")
        assert await client.frame() == (0x88, b"\x03\xe8goodbye")
        assert await client.gone()


async def test_a_receiver_that_fails_costs_its_connection_and_no_other(caplog):
    class Clumsy(Ear):
        def text(self, data: bytes) -> None:
            if data == b"trip":
                raise RuntimeError("ouch")
            super().text(data)

    async with open_door(Host(receiver=Clumsy)) as door:
        client, ear = await door.station()
        other, _ = await door.station("/ocpp/ST-2")
        client.send(frame(b"trip"))

        assert (await client.closing())[0] == 1011
        assert (await ear.was_closed)[0] == 1011
        other.send(frame(b"fine"))
        assert await other.frame() == (0x81, b"fine")
    assert "ouch" in caplog.text


async def test_a_receiver_may_close_while_it_is_given_a_message():
    class Rude(Ear):
        def text(self, data: bytes) -> None:
            self.texts.append(data)
            assert self.socket is not None
            self.socket.close(1000, "enough")

    async with open_door(Host(receiver=Rude)) as door:
        client, ear = await door.station()
        client.send(frame(b"one") + frame(b"two") + close_frame(1000))

        assert await client.closing() == (1000, "enough")
        assert await ear.was_closed == (1000, "enough")
        assert ear.texts == [b"one"]


async def test_the_server_says_goodbye_to_all():
    async with open_door() as door:
        async with websockets.connect(f"{door.url}/ocpp/A") as a:
            idle = await door.dial()
            done = asyncio.create_task(door.server.close(reason="restart"))
            with pytest.raises(websockets.ConnectionClosedOK) as closed:
                await a.recv()
            await done

        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "restart")
        assert "503" in (await idle.reader.read()).decode()
        with pytest.raises(OSError, match=r"Connect call failed|refused"):
            await door.dial()


async def test_a_station_that_does_not_let_go_is_cut_off_at_the_end():
    async with open_door() as door:
        client, ear = await door.station()
        await door.server.close(grace_s=0.1)

        assert await ear.was_closed == (1001, "")
        assert await client.frame() == (0x88, b"\x03\xe9")
        assert await client.gone()


async def test_bytes_and_times_are_counted():
    async with open_door() as door:
        client, ear = await door.station("/ocpp/ST-1")
        assert isinstance(ear.socket, Socket)
        assert ear.socket.is_open
        client.send(frame(b"12345"))
        await client.frame()

        assert (ear.socket.bytes_in, ear.socket.bytes_out) == (11, 7)
        assert ear.socket.last_seen >= ear.socket.opened_at > 0
        assert (ear.socket.peer, ear.socket.secure) == ("127.0.0.1", False)
        assert len(door.server.sockets) == 1


async def test_pongs_and_text_keep_their_order():
    async with open_door() as door:
        client, _ = await door.station()
        client.send(frame(b"1") + frame(b"2", PING) + frame(b"3") + frame(b"4", PONG) + frame(b"5"))

        got = [await client.frame() for _ in range(4)]
        assert got == [(0x81, b"1"), (0x8A, b"2"), (0x81, b"3"), (0x81, b"5")]
        assert TEXT == 1
