"""A simulated car that gives back, against a whole node: allowed, steered and counted through the API (block Q)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from releve.simulator import CAR_MODELS, Car, SimStation, WallClock
from tests.support.running import Running

SPEED = 60.0
PATIENCE_S = 20.0


@pytest.fixture
async def duplex(node: Running) -> AsyncIterator[tuple[str, SimStation]]:
    """A station that can take energy out of cars, its device model reported; its row in the register."""
    row = await node.add_station("CP-1")
    await node.add_token("ADA")
    clock = WallClock(SPEED)
    async with SimStation(
        "2.1", "CP-1", node.stations_url, model="Citrea Duplex 22", clock=clock
    ) as sim:
        sim.station.behaviour.sample_interval_s = 30
        await sim.connect()
        await sim.boot()
        await node.post(f"/stations/{row}/reports", status=(202,))
        await until(node, f"/stations/{row}/variables", {"component": "V2XChargingCtrlr"}, bool)
        yield row, sim


async def until(node: Running, path: str, parameters: dict[str, Any], true: Any) -> Any:
    """What the API tells, once that is true of its items."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            items = (await node.get(path, **parameters))["items"]
            if true(items):
                return items
            await asyncio.sleep(0.05)


async def test_a_car_is_allowed_to_give_back_and_what_it_gives_is_counted(
    node: Running, duplex: tuple[str, SimStation]
) -> None:
    row, sim = duplex
    modes = {"modes": ["DC", "DC_BPT"]}
    assert (await node.client.put("/api/v1/energy-transfer", json=modes)).status_code == 200
    transaction = await sim.start(car=Car(CAR_MODELS["bidirectional"], 0.7, 0.9))
    assert transaction.allowed == ("DC", "DC_BPT")  # Q01.FR.01
    needs = await sim.wait_for("needs", timeout_s=PATIENCE_S)
    assert needs.data["transfer"] == "DC_BPT"
    assert needs.data["status"] != "Rejected"
    await sim.wait_for("profile-set", timeout_s=PATIENCE_S)  # the answer to the car's needs (K18)

    period = {"start_period": 0, "operation_mode": "CentralSetpoint", "setpoint": -9000}
    schedule = {
        "id": 1,
        "unit": "W",
        "start_schedule": datetime.now(UTC).isoformat(),
        "periods": [period],
    }
    wanted = {
        "id": 77,
        "stack_level": 5,
        "purpose": "TxProfile",
        "kind": "Absolute",
        "transaction_id": transaction.key,
        "schedules": [schedule],
    }
    answer = await node.post(f"/stations/{row}/charging-profiles", {"evse": 1, "profile": wanted})
    assert answer["accepted"], answer
    assert sim.evse().meter.flow.power_w == -9000

    shown = await until(
        node,
        f"/stations/{row}/v2x",
        {},
        lambda items: items and (items[0]["exported_wh"] or 0) > 100,
    )
    assert shown[0]["mode"] == "CentralSetpoint"
    assert shown[0]["power_w"] < 0
    assert await sim.stop()
    await sim.delivered(PATIENCE_S)
    assert sim.evse().meter.export_wh >= shown[0]["exported_wh"]
