"""Signed images on simulated stations, and a local controller that passes one on, against a whole node (block L)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from releve.simulator import SimStation, WallClock
from tests.support.running import Running

PATIENCE_S = 30.0
IMAGE = b"\x7fELF" + bytes(range(256)) * 40


@asynccontextmanager
async def switched_on(
    node: Running, version: str, identity: str, **about: Any
) -> AsyncIterator[tuple[str, SimStation]]:
    """A station in operation, and its row in the register."""
    row = await node.add_station(identity)
    clock = WallClock(20.0)
    async with SimStation(
        version, identity, node.stations_url, clock=clock, reboot_s=1.0, **about
    ) as sim:
        await sim.connect()
        await sim.boot()
        yield row, sim


async def image(node: Running, version: str) -> str:
    """An image of ours, signed by a key of ours."""
    await node.post("/firmware-keys", {"name": "maker"})
    query = {"name": f"controller-{version}.bin", "version": version, "sign_with": "maker"}
    answer = await node.client.post("/api/v1/firmware", params=query, content=IMAGE)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def over(node: Running, operation: str) -> Any:
    """An operation, once it is over."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await node.get(f"/operations/{operation}")
            if found["state"] != "running":
                return found
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_an_image_that_we_signed_is_verified_and_installed(
    node: Running, version: str
) -> None:
    chosen = await image(node, "5.1.2")
    async with switched_on(node, version, "CP-1") as (row, sim):
        begun = await node.post(f"/stations/{row}/firmware", {"image": chosen, "signed": True})
        done = await over(node, begun["id"])
        assert (done["state"], done["status"]) == ("done", "Installed"), done
        statuses = [h.data.get("status") for h in sim.happenings if h.kind == "firmware"]
        assert "SignatureVerified" in statuses
        assert sim.station.firmware == "5.1.2"


async def test_a_station_fetches_its_image_from_a_local_controller(node: Running) -> None:
    chosen = await image(node, "6.0.0")
    async with (
        switched_on(node, "2.0.1", "LC-1", local_controller=True) as (controller, lc),
        switched_on(node, "2.1", "CP-1") as (row, sim),
    ):
        begun = await node.post(f"/stations/{controller}/firmware/publish", {"image": chosen})
        assert (await over(node, begun["id"]))["state"] == "done"
        (published,) = (await node.get(f"/stations/{controller}/firmware/published"))["items"]
        order = {"image": chosen, "controller": controller}
        begun = await node.post(f"/stations/{row}/firmware", order)
        done = await over(node, begun["id"])
        assert done["status"] == "Installed", done
        assert sim.station.firmware == "6.0.0"
        gone = f"/stations/{controller}/firmware/unpublish"
        await node.post(gone, {"checksum": published["checksum"]})
        assert lc.station.publisher.unpublish(published["checksum"]) == "NoFirmware"
