"""A simulated station's monitors and event streams, set and seen through the API of a whole node (N02 to N15)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from releve.simulator import SimStation, WallClock
from tests.support.running import Running

PATIENCE_S = 20.0


async def until(node: Running, path: str, true: Any, **parameters: Any) -> Any:
    """The items that the API tells, once that is true of them."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            items = (await node.get(path, **parameters))["items"]
            if true(items):
                return items
            await asyncio.sleep(0.05)


@pytest.fixture
async def post(node: Running) -> Any:
    """A 2.1 station in operation; its row in the register, and the station."""
    row = await node.add_station("CP-1")
    await node.add_token("ADA")
    async with SimStation("2.1", "CP-1", node.stations_url, clock=WallClock(20.0)) as sim:
        await sim.connect()
        await sim.boot()
        yield row, sim


async def test_its_monitors_are_reported_changed_and_fire(node: Running, post: Any) -> None:
    row, sim = post
    await node.post(f"/stations/{row}/monitors/report")
    known = await until(node, f"/stations/{row}/monitors", lambda items: len(items) == 4)
    assert {one["origin"] for one in known} == {"HardWiredMonitor", "PreconfiguredMonitor"}

    power = {"component": "EVSE", "evse": 1, "variable": "Power"}
    wanted = {"watched": power, "type": "UpperThreshold", "value": 5000, "severity": 5}
    (result,) = (await node.post(f"/stations/{row}/monitors", {"monitors": [wanted]}))["monitors"]
    assert result["status"] == "Accepted"
    await sim.start()
    (event,) = await until(node, "/monitor-events", bool, station=row)
    assert event["severity"] == 5
    assert float(event["value"]) > 5000

    base = await node.post(f"/stations/{row}/monitors/base", {"base": "HardWiredOnly"})
    assert base["accepted"]
    assert {each.origin for each in sim.station.monitors} == {"HardWiredMonitor"}


async def test_values_are_streamed_and_the_stream_is_adjusted(node: Running, post: Any) -> None:
    row, sim = post
    await sim.start()
    power = {"component": "EVSE", "evse": 1, "variable": "Power"}
    wanted = {
        "watched": power,
        "type": "Periodic",
        "value": 2,
        "severity": 8,
        "stream": {"interval_s": 10},
    }
    (result,) = (await node.post(f"/stations/{row}/monitors", {"monitors": [wanted]}))["monitors"]
    await sim.wait_for("streamed", timeout_s=PATIENCE_S)
    values = await until(
        node, f"/stations/{row}/monitors/{result['id']}/values", lambda v: len(v) >= 3
    )
    assert all(float(one["value"]) > 5000 for one in values)
    (stream,) = (await node.get(f"/stations/{row}/event-streams"))["items"]
    adjust = f"/stations/{row}/event-streams/{stream['id']}/adjust"
    assert (await node.post(adjust, {"values": 4}))["accepted"]
    (held,) = sim.station.monitors.streams.values()
    assert (held.interval_s, held.values) == (0, 4)
    await node.post(f"/stations/{row}/monitors/clear", {"ids": [result["id"]]})
    await until(node, f"/stations/{row}/event-streams", lambda items: not items)
