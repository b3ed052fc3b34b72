"""A simulated station restarts in the middle of a transaction, and it is one transaction to the node (B13)."""

from __future__ import annotations

import pytest

from releve.simulator import SimStation, WallClock
from tests.support.running import Running

PATIENCE_S = 20.0


async def test_a_transaction_outlasts_a_restart(node: Running) -> None:
    row = await node.add_station("CP-1")
    await node.add_token("ADA")
    clock = WallClock(30.0)
    async with SimStation("2.1", "CP-1", node.stations_url, clock=clock, reboot_s=2.0) as sim:
        await sim.connect()
        await sim.boot()
        began = sim.meter_wh()
        await sim.start()
        await sim.wait_for("sampled", timeout_s=PATIENCE_S)
        answer = await node.post(f"/stations/{row}/reset", {"kind": "ImmediateAndResume"})
        assert answer["accepted"], answer
        await sim.wait_for("resumed", timeout_s=PATIENCE_S)
        await sim.wait_for("sampled", timeout_s=PATIENCE_S)
        assert await sim.stop()
        await sim.delivered(PATIENCE_S)
        (transaction,) = (await node.get("/transactions", station=row))["items"]
        assert (transaction["state"], transaction["complete"]) == ("ended", True)
        assert transaction["energy_wh"] == pytest.approx(sim.meter_wh() - began, abs=1)
