"""Every frame seen in the field is survived, and gets what it expects."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.support.running import Running

FRAMES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/field_frames.jsonl")
    .read_text("utf-8")
    .splitlines()
]
BOOT = {
    "1.6": {"chargePointModel": "Any", "chargePointVendor": "Field"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"model": "Any", "vendorName": "Field"}},
}


async def call(socket: ClientConnection, number: str, action: str, payload: dict[str, Any]) -> Any:
    await socket.send(json.dumps([2, number, action, payload]))
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["n"]))
async def test_a_frame_from_the_field(node: Running, frame: dict[str, Any]) -> None:
    await node.add_station("FIELD")
    await node.add_token("04AABBCCDDEEFF")
    version = frame["version"]
    async with connect(
        f"{node.stations_url}/FIELD", subprotocols=[Subprotocol(f"ocpp{version}")]
    ) as socket:
        if "BEFORE" not in frame["deviation"]:
            assert (await call(socket, "boot", "BootNotification", BOOT[version]))[0] == 3
        await socket.send(frame["frame"])
        if frame["expect"] == "accept-once":
            first = json.loads(await asyncio.wait_for(socket.recv(), 5))
            await socket.send(frame["frame"])
            assert json.loads(await asyncio.wait_for(socket.recv(), 5)) == first
            assert len((await node.get("/transactions"))["items"]) == 1
        elif frame["expect"] != "answer-or-ignore":
            answer = json.loads(await asyncio.wait_for(socket.recv(), 5))
            assert answer[0] in ((3,) if frame["expect"] == "accept" else (3, 4))
            assert answer[1] == json.loads(frame["frame"])[1]
        beat = await call(socket, "alive", "Heartbeat", {})
        while beat[1] != "alive":  # what was answered although it could be ignored
            beat = json.loads(await asyncio.wait_for(socket.recv(), 5))
        assert beat[0] == 3
