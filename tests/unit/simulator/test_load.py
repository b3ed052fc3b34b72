"""Load: many connections, steady rate, honest numbers."""

import asyncio
import json

import pytest

from releve.ocpp.version import Version
from releve.simulator.load import LoadPlan, run_load
from releve.simulator.load.frames import BrokenFrame, FrameReader, accepts, masked
from releve.simulator.load.report import Latencies
from tests.unit.simulator.csms import CallError


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize("message", ["meter-values", "heartbeat"])
async def test_every_message_is_sound_and_answered(csms, version, message):
    plan = LoadPlan(
        csms.url, 20, version, rate=200, duration_s=0.3, connect_rate=1000, message=message
    )
    report = await run_load(plan)

    assert report.ok
    assert report.opened == 20
    assert report.sent == report.answered >= 20 + 30
    assert report.answering.at(0.5) > 0
    assert len(csms.sent("BootNotification")) == 20
    action = "Heartbeat" if message == "heartbeat" else "MeterValues"
    assert len(csms.sent(action)) == report.sent - 20
    assert sorted(csms.paths)[0] == "/ocpp/LOAD-000001"


async def test_idle_connections_send_nothing(csms):
    plan = LoadPlan(csms.url, 5, rate=0, duration_s=0.1, boot=False)
    report = await run_load(plan)
    assert (report.opened, report.sent, csms.received) == (5, 0, [])
    assert report.ok


async def test_refused_connections_are_counted_by_reason(csms):
    csms.http_status = 404
    report = await run_load(LoadPlan(csms.url, 4, duration_s=0.1))
    assert report.refused == {"HTTP 404": 4}
    assert not report.ok
    assert "4 x HTTP 404" in "\n".join(report.lines())


async def test_nobody_there_is_told(unused_tcp_port):
    report = await run_load(LoadPlan(f"ws://127.0.0.1:{unused_tcp_port}/ocpp", 2, duration_s=0.1))
    assert report.opened == 0
    assert sum(report.refused.values()) == 2


async def test_errors_are_counted(csms):
    def refuse(_payload):
        raise CallError("InternalError")

    csms.replies["MeterValues"] = refuse
    report = await run_load(LoadPlan(csms.url, 2, rate=50, duration_s=0.2))
    assert report.errors == report.answered - 2 > 0
    assert not report.ok


async def test_a_stop_ends_the_run_early(csms):
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, stop.set)
    async with asyncio.timeout(5):
        report = await run_load(LoadPlan(csms.url, 3, rate=10, duration_s=600), stop=stop)
    assert report.opened == 3


async def test_what_the_csms_asks_is_declined(csms):
    stop = asyncio.Event()
    running = asyncio.ensure_future(
        run_load(LoadPlan(csms.url, 1, rate=0, duration_s=600), stop=stop)
    )
    await csms.wait_for("BootNotification")
    with pytest.raises(CallError, match="NotSupported"):
        await csms.call("GetConfiguration", {})
    stop.set()
    await running


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"url": "http://x"}, "url"),
        ({"connections": 0}, "connections"),
        ({"connections": 10**9}, "connections"),
        ({"rate": -1}, "rate"),
        ({"duration_s": 0}, "duration"),
        ({"message": "poems"}, "message"),
        ({"connect_rate": 0}, "connect-rate"),
    ],
)
async def test_an_impossible_plan_is_told(change, told):
    plan = LoadPlan(**{"url": "ws://127.0.0.1:1/x", "connections": 1, **change})
    with pytest.raises(ValueError, match=told):
        await run_load(plan)


def server_frame(payload, opcode=1, final=True):
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    if len(payload) < 65_536:
        return head + bytes([126]) + len(payload).to_bytes(2, "big") + payload
    return head + bytes([127]) + len(payload).to_bytes(8, "big") + payload


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("chunk", [1, 7, 10**9])
def test_frames_of_any_length_arrive_in_any_pieces(size, chunk):
    if size > 1000 and chunk == 1:
        chunk = 1000
    payload = b"x" * size
    data, reader, found = server_frame(payload) * 2, FrameReader(), []
    for start in range(0, len(data), chunk):
        found += reader.feed(data[start : start + chunk])
    assert found == [(1, payload), (1, payload)]


def test_fragments_are_put_together_around_a_ping():
    data = (
        server_frame(b"ab", 1, final=False)
        + server_frame(b"!", 9)
        + server_frame(b"cd", 0, final=False)
        + server_frame(b"ef", 0)
    )
    assert list(FrameReader().feed(data)) == [(9, b"!"), (1, b"abcdef")]


@pytest.mark.parametrize(
    "data", [b"\xc1\x00", b"\x81\x80", b"\x81\x7f" + (2**40).to_bytes(8, "big")]
)
def test_what_is_no_frame_of_a_server_is_refused(data):
    with pytest.raises(BrokenFrame):
        list(FrameReader().feed(data))


@pytest.mark.parametrize("size", [5, 200, 70_000])
def test_frames_are_masked(size):
    payload, mask = b"y" * size, b"\x01\x02\x03\x04"
    frame = masked(payload, mask)
    body = frame[-size:]
    assert frame[1] & 0x80
    assert bytes(byte ^ mask[i % 4] for i, byte in enumerate(body)) == payload


def test_only_the_right_key_is_accepted():
    key = b"dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, 1.3
    head = b"HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    assert accepts(head.rstrip(b"\r\n"), key)
    assert not accepts(head.rstrip(b"\r\n"), b"other")
    assert not accepts(head.replace(b"101", b"200"), key)


def test_latencies_beyond_the_limit_are_a_fair_sample():
    latencies = Latencies(keep=100)
    for number in range(10_000):
        latencies.add(number / 10_000)
    assert latencies.count == 10_000
    assert 0.3 < latencies.at(0.5) < 0.7
    assert json.dumps(latencies.at(1.0))
