"""A message that can never be stored must not come back for ever."""

from __future__ import annotations

import asyncio
import json

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.support.running import Running


async def test_a_number_beyond_the_database_is_refused_once(node: Running) -> None:
    await node.add_station("POISON")
    url = f"{node.stations_url}/POISON"
    event = {
        "eventType": "Updated",
        "timestamp": "2026-03-01T12:00:00Z",
        "triggerReason": "MeterValuePeriodic",
        "seqNo": 2**64 - 1,
        "transactionInfo": {"transactionId": "t"},
    }
    boot = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
    async with connect(url, subprotocols=[Subprotocol("ocpp2.0.1")]) as socket:
        await socket.send(json.dumps([2, "1", "BootNotification", boot]))
        assert json.loads(await asyncio.wait_for(socket.recv(), 5))[0] == 3
        await socket.send(json.dumps([2, "2", "TransactionEvent", event]))
        answer = json.loads(await asyncio.wait_for(socket.recv(), 5))
        assert answer[0] == 4
        assert answer[2] in ("PropertyConstraintViolation", "TypeConstraintViolation")
    async with connect(url, subprotocols=[Subprotocol("ocpp2.0.1")]) as socket:
        await socket.send(json.dumps([2, "3", "TransactionEvent", event | {"seqNo": 1}]))
        assert json.loads(await asyncio.wait_for(socket.recv(), 5))[0] == 3
    (row,) = (await node.get("/transactions"))["items"]
    assert row["reference"] == "t"
