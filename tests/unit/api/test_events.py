"""Live changes: what is told, from where on, to whom, and how a stream ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from releve.api.events import BEAT, MOST_STREAMS, Streams, encode, told
from releve.api.problems import Refused
from releve.app.http import HttpServer
from releve.domain.events import MeterSampled
from releve.domain.ids import StationId, TransactionId
from releve.services.access import Principal
from releve.services.ports import Announced
from tests.support.stores import NOW, ONE, TWO
from tests.unit.api.api_kit import House


class Told:
    """The events of one stream, as a client reads them."""

    def __init__(self, answer: httpx.Response) -> None:
        self.lines = answer.aiter_lines()

    async def next(self) -> dict[str, Any]:
        """The next event; comments are left out."""
        event: dict[str, Any] = {}
        async with asyncio.timeout(5):
            async for line in self.lines:
                name, _, value = line.partition(": ")
                if line == "" and "data" in event:
                    return event
                if name in ("id", "event", "data"):
                    event[name] = msgspec.json.decode(value) if name == "data" else value
        raise StopAsyncIteration

    async def rest(self) -> list[str]:
        """What remains until the server ends the stream."""
        async with asyncio.timeout(5):
            return [line async for line in self.lines if line]


@pytest.fixture
async def server(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The API behind a real socket: an in-process client cannot read a stream as it comes."""
    http = HttpServer(house.app, "127.0.0.1", 0)
    await http.start()
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{http.port}/api/v1", headers=house.client.headers
    ) as client:
        yield client
    house.bus.close()
    await http.stop()


@asynccontextmanager
async def following(client: httpx.AsyncClient, **request: Any) -> AsyncIterator[Told]:
    async with client.stream("GET", "/events", **request) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Told(answer)
        while await anext(stream.lines) != ": connected":
            pass
        yield stream


async def test_changes_are_told_as_they_happen(house: House, server: httpx.AsyncClient):
    async with following(server) as stream:
        station = await house.add_station("CP-1")
        event = await stream.next()
        assert event["event"] == "station.changed"
        assert event["data"] == {
            "station": str(station.id),
            "identity": "CP-1",
            "at": "2026-03-01T12:00:00Z",
            "what": ["identity"],
        }
        assert int(event["id"]) > 0


async def test_a_stream_resumes_where_it_ended(house: House, server: httpx.AsyncClient):
    for number in range(3):
        await house.add_station(f"CP-{number}")
    async with following(server, params={"after": 0}) as stream:
        events = [await stream.next() for _ in range(3)]
        assert [e["data"]["identity"] for e in events] == ["CP-0", "CP-1", "CP-2"]
    last = {"Last-Event-ID": events[1]["id"]}
    async with following(server, headers=last, params={"after": 0}) as stream:
        await house.add_station("CP-3")
        identities = [(await stream.next())["data"]["identity"] for _ in range(2)]
        assert identities == ["CP-2", "CP-3"]


async def test_topics_and_station_narrow_a_stream(house: House, server: httpx.AsyncClient):
    one, two = await house.add_station("CP-1"), await house.add_station("CP-2")
    wanted = {"topics": "command.ended, meter.sampled", "station": "CP-2"}
    async with following(server, params=wanted) as stream:
        for station in (one, two):
            await house.desk.services.stations.change(ONE, station.id, name="Yard")
            await house.post(f"/stations/{station.identity}/reset")
        event = await stream.next()
        assert (event["event"], event["data"]["identity"]) == ("command.ended", "CP-2")
    wrong = await server.get("/events", params={"topics": "command.ended,weather"})
    assert wrong.status_code == 422
    assert "weather" in wrong.json()["detail"]
    assert (await server.get("/events", params={"station": "NONE"})).status_code == 404
    assert (await server.get("/events", params={"after": "first"})).status_code == 422


async def test_another_operators_changes_are_not_told(house: House, server: httpx.AsyncClient):
    theirs = await house.key("read", operator=TWO)
    async with following(server, headers=theirs) as stream:
        await house.add_station("OURS")
        await house.add_station("THEIRS", operator=TWO)
        assert (await stream.next())["data"]["identity"] == "THEIRS"


async def test_streams_end_with_the_server(house: House, server: httpx.AsyncClient):
    async with following(server) as stream:
        house.bus.close()
        assert await stream.rest() == []


async def test_a_client_that_goes_away_is_forgotten(
    house: House, server: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    left, leave = asyncio.Event(), house.bus.leave

    def note(listener: Any) -> None:
        leave(listener)
        left.set()

    monkeypatch.setattr(house.bus, "leave", note)
    async with following(server):
        assert house.bus.listeners == 1
    await asyncio.wait_for(left.wait(), 5)
    assert house.bus.listeners == 0


async def test_streams_are_bounded(house: House, server: httpx.AsyncClient):
    streams = [following(server) for _ in range(MOST_STREAMS)]
    for stream in streams:
        await stream.__aenter__()
    refused = await server.get("/events")
    assert refused.status_code == 429
    assert refused.json()["type"].endswith("too-many-streams")
    assert "retry-after" in refused.headers
    other = await house.key("read")
    async with following(server, headers=other):
        pass
    for stream in streams:
        await stream.__aexit__(None, None, None)


async def _silence() -> AsyncIterator[Announced]:
    await asyncio.Event().wait()
    yield  # type: ignore[misc]


async def test_a_stream_beats_when_nothing_happens_and_ends_with_its_key():
    asked = []

    async def still_allowed() -> bool:
        asked.append(True)
        return len(asked) < 3

    lines = [line async for line in told(_silence(), still_allowed, beat_s=0.001, check_s=0)]
    assert lines[0].startswith(b"retry: ")
    assert lines[1:] == [BEAT, BEAT]


async def test_a_live_only_event_has_no_id_and_ids_are_text():
    event = MeterSampled(
        operator=ONE,
        station=StationId(2**60),
        transaction=TransactionId(2**61),
        identity="CP\n1",
        at=NOW,
        evse=1,
        sampled_at=NOW,
        power_w=7000.0,
    )
    first, second, end, nothing = encode(Announced(None, event)).decode().split("\n")
    assert (first, end, nothing) == ("event: meter.sampled", "", "")
    data = msgspec.json.decode(second.removeprefix("data: "))
    assert (data["station"], data["transaction"]) == (str(2**60), str(2**61))
    assert "operator" not in data


async def test_the_count_goes_down_whatever_ends_a_stream():
    streams = Streams()
    principal = Principal(operator=ONE, name="key", scopes=("read",))

    async def lines() -> AsyncIterator[bytes]:
        yield b"a"
        raise RuntimeError("the feed broke")

    counted = streams.counted(principal, lines())  # type: ignore[arg-type]
    assert await anext(counted) == b"a"
    assert streams.open(principal) == 1
    with pytest.raises(RuntimeError):
        await anext(counted)
    assert streams.open(principal) == 0
    streams.check(principal)
    kept = [streams.counted(principal, lines()) for _ in range(MOST_STREAMS)]  # type: ignore[arg-type]
    for stream in kept:
        await anext(stream)
    with pytest.raises(Refused):
        streams.check(principal)
    for stream in kept:
        await stream.aclose()
    assert streams.open(principal) == 0
