"""Whole simulated sites against a whole node: the demonstration's, and one in which every station bends the rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from releve.simulator import Happening, Scenario, WallClock, run_fleet
from tests.support.running import Running

PATIENCE_S = 60.0


class Watch:
    """What happened on the fleet, and a wait for what shall be true of it."""

    def __init__(self) -> None:
        self.seen: list[Happening] = []
        self._more = asyncio.Event()

    def __call__(self, happening: Happening) -> None:
        self.seen.append(happening)
        self._more.set()

    def stations(self, kind: str) -> set[str]:
        """Which stations something has happened to."""
        return {h.station for h in self.seen if h.kind == kind}

    def charging(self) -> dict[str, datetime]:
        """Which stations have charged a car, and since when."""
        since: dict[str, datetime] = {}
        for h in self.seen:
            if h.kind == "charging-state" and h.text.endswith(": Charging"):
                since.setdefault(h.station, h.at)
        return since

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for a state that happenings bring about."""
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def fleet(node: Running, scenario: Scenario, clock: WallClock) -> AsyncIterator[Watch]:
    """The scenario's stations and tokens, registered, and the stations at work."""
    for station in scenario.stations:
        await node.add_station(station.identity, password=station.password)
    for token in scenario.tokens:
        await node.add_token(token.value, type=token.type, concurrent=True)
    watch, stop = Watch(), asyncio.Event()
    running = asyncio.create_task(
        run_fleet(scenario, node.stations_url, stop=stop, clock=clock, on_event=watch)
    )
    try:
        yield watch
    finally:
        stop.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(running, PATIENCE_S)


async def test_the_demonstration_shows_eight_stations_charging_within_half_a_minute(
    node: Running,
) -> None:
    scenario = Scenario.load("demo")
    assert len(scenario.stations) == 12
    assert {str(s.version) for s in scenario.stations} == {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"}
    assert len({s.model.maker for s in scenario.stations}) == 3
    clock = WallClock(3)
    began = clock.now()
    async with fleet(node, scenario, clock) as watch:
        await watch.until(lambda: len(watch.charging()) >= 8)
        eighth = sorted(watch.charging().values())[7]
        assert (eighth - began).total_seconds() <= 30
        await watch.until(lambda: len(watch.stations("connected")) == 12)
        assert (await node.get("/summary"))["charging"] >= 8


async def all_told(node: Running, identities: set[str]) -> None:
    """Wait until the node has seen a transaction of each of these stations through, but for one whose ends get lost."""
    async with asyncio.timeout(PATIENCE_S):
        told: set[str] = set()
        while {one for one in identities - told if "LOSES-STOP" not in one}:
            page = await node.get("/transactions", state="ended", limit=200)
            told = {row["identity"] for row in page["items"]}


async def test_stations_that_bend_the_rules_are_all_served(node: Running) -> None:
    scenario = Scenario.load("quirks")
    identities = {s.identity for s in scenario.stations}
    async with fleet(node, scenario, WallClock(40)) as watch:
        await watch.until(lambda: watch.stations("transaction-ended") >= identities)
        await all_told(node, identities)
    assert watch.stations("connected") == identities
    assert watch.stations("refused") == set()
    for kind in ("not-authorized", "discarded", "call-refused"):
        told = [h.text for h in watch.seen if h.kind == kind]
        assert told == [], kind

    for row in (await node.get("/stations", limit=100))["items"]:
        refused = await node.get(f"/stations/{row['id']}/messages", outcome="error")
        assert refused["items"] == [], row["identity"]
