"""The load generator's messages and frames: what it sends must be what it says."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from bench import messages, websocket
from bench.messages import V16, V201, Times
from releve.ocpp import codec
from releve.ocpp.version import Version

WIRE = {V16: Version.V16, V201: Version.V201}


@pytest.fixture
def times():
    return Times(datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC))


@pytest.mark.parametrize("version", messages.VERSIONS)
def test_every_message_is_one_that_the_schema_allows(version, times):
    texts = list(messages.setup(version, 7, times))
    make = messages.maker(version, 7, b"42", times)
    texts += [make(1), make(2)]

    for call_id, text in texts:
        kind, wire_id, action, payload = msgspec.json.decode(text)
        request = codec.decode_request(
            WIRE[version], action, msgspec.json.encode(payload), strict=True
        )
        assert (kind, wire_id) == (2, call_id.decode())
        assert codec.check(request) == ()


@pytest.mark.parametrize("version", messages.VERSIONS)
def test_no_message_is_a_replay_of_another(version, times):
    makers = [messages.maker(version, station, b"42", times) for station in (1, 2)]
    made = [[make(number) for number in range(1, 50)] for make in makers]

    assert len({call_id for one in made for call_id, _ in one}) == 98
    for one in made:
        assert len({text.split(b",", 3)[3] for _, text in one}) == 49


def test_a_meter_values_frame_has_the_size_that_the_page_names():
    make = messages.maker(V16, 7, b"1234567890", Times())
    assert abs(len(websocket.masked(make(1)[1])) - 307) <= 3


def test_times_go_on_over_midnight_and_the_month(times):
    assert times.at(1) == b"2026-01-31T23:59:59.001Z"
    assert times.at(1002) == b"2026-02-01T00:00:00.002Z"


def test_frames_are_cut_wherever_the_stream_is_cut():
    stream = b"\x81\x02{}" + b"\x81\x7e\x00\x80" + b"x" * 128 + b"\x89\x00"
    for cut in range(len(stream)):
        first, rest = websocket.split(stream[:cut])
        second, left = websocket.split(rest + stream[cut:])
        assert [*first, *second] == [(0x81, b"{}"), (0x81, b"x" * 128), (0x89, b"")]
        assert left == b""


def test_a_masked_frame_is_one_that_the_library_takes():
    from websockets.frames import Frame, Opcode
    from websockets.streams import StreamReader

    for size in (5, 125, 126, 300):
        reader = StreamReader()
        reader.feed_data(websocket.masked(b"y" * size))
        parsing = Frame.parse(reader.read_exact, mask=True)
        with pytest.raises(StopIteration) as stop:
            next(parsing)
        assert (stop.value.value.opcode, stop.value.value.data) == (Opcode.TEXT, b"y" * size)


def test_passwords_are_such_as_the_standard_allows():
    for version in messages.VERSIONS:
        assert len(messages.password_of(messages.identity_of(version, 5000))) == 20
