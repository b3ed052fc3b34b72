"""Live changes of a real charge, followed over HTTP: in order, and complete across a lost connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from releve.simulator import SimStation, WallClock
from tests.support.running import Running

PATIENCE_S = 20.0


class Feed:
    """A client of `/api/v1/events`."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.last_id = ""
        self.told: list[tuple[str, Any]] = []

    async def until(self, topic: str) -> Any:
        """Read up to the next event of this topic; its data."""
        name = ""
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                field, _, value = line.partition(": ")
                if field == "id":
                    self.last_id = value
                elif field == "event":
                    name = value
                elif field == "data":
                    self.told.append((name, json.loads(value)))
                    if name == topic:
                        return self.told[-1][1]
        raise AssertionError(f"the stream ended before {topic}: {self.told}")

    def topics(self) -> list[str]:
        """The topics told, in order."""
        return [name for name, _ in self.told]


@asynccontextmanager
async def following(node: Running, last_id: str = "", **query: str) -> AsyncIterator[Feed]:
    """An open stream."""
    headers = {"last-event-id": last_id} if last_id else {}
    async with node.client.stream("GET", "/api/v1/events", params=query, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Feed(answer)


async def test_a_charge_is_followed_across_a_lost_connection(node: Running) -> None:
    row = await node.add_station("CP-1")
    await node.add_station("CP-2")
    await node.add_token("ADA")
    sim = SimStation("2.0.1", "CP-1", node.stations_url, clock=WallClock(60))
    other = SimStation("1.6", "CP-2", node.stations_url)
    async with sim, other:
        sim.station.behaviour.sample_interval_s = 20
        async with following(node, station=row) as feed:
            await other.connect()
            await other.boot()
            await sim.connect()
            await sim.boot()
            await feed.until("station.connected")
            booted = await feed.until("station.booted")
            assert (booted["identity"], booted["decision"]) == ("CP-1", "Accepted")
            await sim.start(token="ADA")
            began = await feed.until("transaction.began")
            sampled = await feed.until("meter.sampled")
            assert sampled["transaction"] == began["transaction"]
            last_id, seen = feed.last_id, feed.topics()
            assert {data["identity"] for _, data in feed.told} == {"CP-1"}
        assert last_id
        assert seen.index("station.connected") < seen.index("station.booted")

        # Nobody listens while it ends.
        assert await sim.stop(token="ADA")
        await sim.delivered(PATIENCE_S)
        async with following(node, last_id, station=row) as feed:
            ended = await feed.until("transaction.ended")
        assert ended["transaction"] == began["transaction"]
        transaction = await node.get(f"/transactions/{ended['transaction']}")
        assert transaction["energy_wh"] == ended["energy_wh"] > 0
        for told_before in ("station.connected", "station.booted", "transaction.began"):
            assert told_before not in feed.topics()
