"""Stations that are not ours: PyPI `ocpp`'s charge point, through a whole charge and a remote stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.support.running import Running


def now() -> str:
    return datetime.now(UTC).isoformat()


class Station16(ChargePoint16):
    """Stops when it is told to."""

    stopped: asyncio.Event

    @on("RemoteStopTransaction")
    async def on_stop(self, transaction_id: int, **_: Any) -> result16.RemoteStopTransaction:
        self.told = transaction_id
        self.stopped.set()
        return result16.RemoteStopTransaction(status="Accepted")

    @on("RemoteStartTransaction")
    async def on_start(self, **_: Any) -> result16.RemoteStartTransaction:
        return result16.RemoteStartTransaction(status="Rejected")


class Station201(ChargePoint201):
    stopped: asyncio.Event

    @on("RequestStopTransaction")
    async def on_stop(self, transaction_id: str, **_: Any) -> result201.RequestStopTransaction:
        self.told = transaction_id
        self.stopped.set()
        return result201.RequestStopTransaction(status="Accepted")


@asynccontextmanager
async def station(kind: type, node: Running, identity: str, protocol: str) -> AsyncIterator[Any]:
    url = f"{node.stations_url}/{identity}"
    async with connect(url, subprotocols=[Subprotocol(protocol)]) as socket:
        point = kind(identity, socket)
        point.stopped = asyncio.Event()
        reader = asyncio.create_task(point.start())
        try:
            yield point
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)


async def test_a_whole_charge_on_1_6(node: Running) -> None:
    await node.add_station("PYPI-16")
    await node.add_token("ADA")
    async with station(Station16, node, "PYPI-16", "ocpp1.6") as point:
        boot = await point.call(
            call16.BootNotification(charge_point_model="Any", charge_point_vendor="PyPI")
        )
        assert boot.status == "Accepted"
        assert boot.interval > 0
        await point.call(
            call16.StatusNotification(connector_id=1, error_code="NoError", status="Preparing")
        )
        allowed = await point.call(call16.Authorize(id_tag="ada"))
        assert allowed.id_tag_info["status"] == "Accepted"
        refused = await point.call(call16.Authorize(id_tag="MALLORY"))
        assert refused.id_tag_info["status"] == "Invalid"
        begun = await point.call(
            call16.StartTransaction(connector_id=1, id_tag="ADA", meter_start=1000, timestamp=now())
        )
        assert begun.id_tag_info["status"] == "Accepted"
        await point.call(
            call16.MeterValues(
                connector_id=1,
                transaction_id=begun.transaction_id,
                meter_value=[{"timestamp": now(), "sampledValue": [{"value": "3500"}]}],
            )
        )
        (row,) = (await node.get("/transactions"))["items"]
        assert row["state"] == "active"
        assert row["energy_wh"] == 2500

        outcome = await node.post(f"/transactions/{row['id']}/stop")
        assert (outcome["result"], outcome["status"]) == ("answered", "Accepted")
        await asyncio.wait_for(point.stopped.wait(), 5)
        assert point.told == begun.transaction_id
        await point.call(
            call16.StopTransaction(
                transaction_id=begun.transaction_id,
                meter_stop=6000,
                timestamp=now(),
                reason="Remote",
            )
        )
        row = await node.get(f"/transactions/{row['id']}")
        assert (row["state"], row["energy_wh"], row["held"], row["complete"]) == (
            "ended",
            5000,
            False,
            True,
        )
        series = await node.get(f"/transactions/{row['id']}/series")
        assert [p["energy_wh"] for p in series["items"]] == [3500]


async def test_a_whole_charge_on_2_0_1(node: Running) -> None:
    await node.add_station("PYPI-201")
    await node.add_token("ADA")
    token = {"id_token": "ADA", "type": "ISO14443"}
    async with station(Station201, node, "PYPI-201", "ocpp2.0.1") as point:
        boot = await point.call(
            call201.BootNotification(
                charging_station={"model": "Any", "vendor_name": "PyPI"}, reason="PowerUp"
            )
        )
        assert boot.status == "Accepted"
        allowed = await point.call(call201.Authorize(id_token=token))
        assert allowed.id_token_info["status"] == "Accepted"

        async def event(kind: str, trigger: str, number: int, wh: float, **more: Any) -> Any:
            return await point.call(
                call201.TransactionEvent(
                    event_type=kind,
                    timestamp=now(),
                    trigger_reason=trigger,
                    seq_no=number,
                    transaction_info={"transaction_id": "tx-1", **more.pop("info", {})},
                    meter_value=[{"timestamp": now(), "sampled_value": [{"value": wh}]}],
                    **more,
                )
            )

        began = await event(
            "Started", "Authorized", 0, 1000, evse={"id": 1, "connector_id": 1}, id_token=token
        )
        assert began.id_token_info["status"] == "Accepted"
        await event("Updated", "MeterValuePeriodic", 1, 4000, info={"charging_state": "Charging"})
        (row,) = (await node.get("/transactions", state="active"))["items"]
        assert (row["energy_wh"], row["charging"]) == (3000, "Charging")

        outcome = await node.post(f"/transactions/{row['id']}/stop")
        assert outcome["status"] == "Accepted"
        await asyncio.wait_for(point.stopped.wait(), 5)
        assert point.told == "tx-1"
        await event("Ended", "RemoteStop", 2, 6000, info={"stopped_reason": "Remote"})
        row = await node.get(f"/transactions/{row['id']}")
        assert (row["state"], row["energy_wh"], row["complete"]) == ("ended", 5000, True)


async def test_what_the_station_answers_is_told_apart(node: Running) -> None:
    """steve and others only say that a call was sent; the API says what the station answered."""
    station_id = await node.add_station("PYPI-16")
    offline = await node.post(f"/stations/{station_id}/calls/ClearCache", {})
    assert offline["result"] == "offline"
    async with station(Station16, node, "PYPI-16", "ocpp1.6") as point:
        await point.call(
            call16.BootNotification(charge_point_model="Any", charge_point_vendor="PyPI")
        )
        rejected = await node.post(
            f"/stations/{station_id}/calls/RemoteStartTransaction", {"idTag": "ADA"}
        )
        assert (rejected["result"], rejected["status"]) == ("answered", "Rejected")
        error = await node.post(f"/stations/{station_id}/calls/ClearCache", {})
        assert (error["result"], error["code"]) == ("error", "NotImplemented")
        invalid = await node.post(f"/stations/{station_id}/calls/Reset", {"type": "Gently"})
        assert invalid["result"] == "invalid"
        unknown = await node.post(f"/stations/{station_id}/calls/SetVariables", {})
        assert unknown["result"] == "unsupported"
