"""A simulated swap station against a whole node: batteries charge, and are swapped by request (block S)."""

from __future__ import annotations

import asyncio

from releve.simulator import SimStation, WallClock
from tests.support.running import Running

PATIENCE_S = 20.0


async def test_a_swap_that_we_ask_for_is_seen_to_its_end(node: Running) -> None:
    row = await node.add_station("SWAP-1")
    await node.add_token("ADA")
    clock = WallClock(20.0)
    async with SimStation(
        "2.1", "SWAP-1", node.stations_url, model="NL Swap 4", clock=clock
    ) as sim:
        await sim.connect()
        await sim.boot()
        await sim.delivered(PATIENCE_S)
        charging = await node.get("/transactions", station=row, state="active")
        assert len(charging["items"]) == 3  # a transaction for each battery
        begun = await node.post(f"/stations/{row}/battery-swaps", {"token": "ADA"})
        async with asyncio.timeout(PATIENCE_S):
            state = "running"
            while state == "running":
                state = (await node.get(f"/operations/{begun['id']}"))["state"]
        assert state == "done"
        (swap,) = (await node.get(f"/stations/{row}/battery-swaps"))["items"]
        assert swap["token"] == "ADA"
        stock = (await node.get(f"/stations/{row}/batteries"))["items"]
        assert [battery["slot"] for battery in stock] == [4]  # what it has been told of
