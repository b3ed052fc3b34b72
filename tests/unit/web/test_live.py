"""The stream of changes: gathered, bounded, ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from releve.domain.events import AnomalySeen, EvseStatusChanged, MeterSampled, StationConnected
from releve.domain.ids import DEFAULT_OPERATOR, StationId, TransactionId
from releve.services.ports import Announced
from releve.web import live
from releve.web.live import MOST_CHANGES, MOST_STREAMS_PER_PERSON, Pending, Streams, told

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BIG = 2**62


def about(station: int = BIG) -> dict:
    return {
        "operator": DEFAULT_OPERATOR,
        "station": StationId(station),
        "identity": "CP",
        "at": NOW,
    }


def sampled(station: int = BIG, evse: int = 1, power_w: float = 1.0) -> MeterSampled:
    return MeterSampled(
        **about(station), evse=evse, sampled_at=NOW, power_w=power_w, transaction=TransactionId(9)
    )


def read(line: bytes) -> dict:
    name, _, data = line.decode().partition("\ndata: ")
    assert name.endswith("event: change")
    assert data.endswith("\n\n")
    return json.loads(data)


def test_the_latest_of_each_is_told_once():
    pending = Pending()
    for power in (1.0, 2.0, 3.0):
        pending.add(sampled(power_w=power))
    pending.add(sampled(evse=2))
    pending.add(EvseStatusChanged(**about(), evse=1, connector=1, status="Faulted"))
    pending.add(StationConnected(**about(), version="ocpp1.6"))
    pending.add(AnomalySeen(**about(), kind="clock-skew", transaction=TransactionId(9)))
    message = read(pending.take())
    assert message["all"] is False
    assert message["changes"] == [
        {"topic": "meter.sampled", "station": str(BIG), "evse": 1, "transaction": "9",
         "at": "2026-01-02T03:04:05Z", "power_w": 3.0},
        {"topic": "meter.sampled", "station": str(BIG), "evse": 2, "transaction": "9",
         "at": "2026-01-02T03:04:05Z", "power_w": 1.0},
        {"topic": "evse.status", "station": str(BIG), "evse": 1},
        {"topic": "station.connected", "station": str(BIG)},
        {"topic": "anomaly.seen", "station": str(BIG), "transaction": "9"},
    ]  # fmt: skip
    assert read(pending.take()) == {"all": False, "changes": []}


def test_a_burst_is_told_as_everything():
    pending = Pending()
    for station in range(1, MOST_CHANGES + 50):
        pending.add(sampled(station))
    message = read(pending.take())
    assert message["all"] is True
    assert len(message["changes"]) == MOST_CHANGES


class Events:
    """A feed that a test feeds."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Announced | None] = asyncio.Queue()
        self.closed = False

    def __aiter__(self) -> AsyncIterator[Announced]:
        return self

    async def __anext__(self) -> Announced:
        if (one := await self.queue.get()) is None:
            raise StopAsyncIteration
        return one

    async def aclose(self) -> None:
        """Remember."""
        self.closed = True


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(live, "GATHER_S", 0.01)
    monkeypatch.setattr(live, "BEAT_S", 0.05)


@pytest.mark.usefixtures("quick")
async def test_a_stream_begins_tells_beats_and_ends_with_its_feed():
    events = Events()
    stream = told(events)
    assert b"event: beat" in await anext(stream)
    events.queue.put_nowait(Announced(1, StationConnected(**about(), version="ocpp1.6")))
    assert read(await anext(stream))["changes"][0]["topic"] == "station.connected"
    assert await anext(stream) == b"event: beat\ndata: {}\n\n"
    events.queue.put_nowait(None)
    rest = [line async for line in stream]
    assert all(b"station" not in line for line in rest)
    assert events.closed


@pytest.mark.usefixtures("quick")
async def test_a_stream_of_one_station_hears_of_no_other():
    events = Events()
    async with aclosing(told(events, str(BIG))) as stream:
        await anext(stream)
        events.queue.put_nowait(Announced(None, sampled(7)))
        events.queue.put_nowait(Announced(None, sampled(BIG, power_w=5.0)))
        message = read(await anext(stream))
    assert [change["station"] for change in message["changes"]] == [str(BIG)]
    assert events.closed


async def test_a_person_has_so_many_streams_and_no_more(console):
    streams = Streams()

    class Visit:
        """What a stream needs of a visit."""

        desk = console.desk
        principal = type("P", (), {"name": "ada", "operator": DEFAULT_OPERATOR})()
        request = None

        class door:  # noqa: N801
            """The door."""

            @staticmethod
            def secret(request):
                return "s"

            @staticmethod
            async def identify(secret):
                return None

    opened = [streams.run(Visit, "", None) for _ in range(MOST_STREAMS_PER_PERSON)]
    for stream in opened:
        await anext(stream)
    assert streams.full("ada")
    assert not streams.full("bob")
    assert console.bus.listeners == MOST_STREAMS_PER_PERSON
    for stream in opened:
        await stream.aclose()
    assert not streams.full("ada")
    assert console.bus.listeners == 0


async def test_a_stream_ends_when_the_session_has(console, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    asked = []

    class Visit:
        """What a stream needs of a visit."""

        desk = console.desk
        principal = type("P", (), {"name": "ada", "operator": DEFAULT_OPERATOR})()
        request = None

        class door:  # noqa: N801
            """The door, that finds the session ended."""

            @staticmethod
            def secret(request):
                return "s"

            @staticmethod
            async def identify(secret):
                asked.append(secret)

    lines = [line async for line in Streams().run(Visit, "", None)]
    assert len(lines) == live.BEATS_BETWEEN_CHECKS - 1
    assert asked == ["s"]


async def test_a_page_knows_where_its_stream_begins(vera, console):
    await console.connected("CP-1")
    last = await console.desk.catalogue.last_announced(DEFAULT_OPERATOR)
    assert last > 0
    assert f'data-after="{last}"' in (await vera.get("/stations")).text
    assert "data-after" not in (await vera.part("/stations")).text


@pytest.mark.parametrize(
    ("text", "after"),
    [("12", 12), ("", None), ("-1", None), ("x", None), ("9" * 19, None), ("²", None)],
)
def test_only_a_number_is_begun_behind(text, after):
    assert live._after(text) == after
