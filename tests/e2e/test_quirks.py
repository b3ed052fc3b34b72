"""Stations that misbehave as the table of quirks says, each with the quirk switched on: the system copes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from releve.simulator import Quirk, SimStation, WallClock
from tests.support.running import Running
from tests.support.scripted import ScriptedStation, now

SPEED = 60.0
PATIENCE_S = 30.0


class Post:
    """A simulated station with a quirk, and its row."""

    def __init__(self, node: Running, row: str, sim: SimStation) -> None:
        self.node = node
        self.row = row
        self.sim = sim

    async def charge(self) -> Any:
        """Charge a car for a minute; the transaction as the API shows it."""
        await self.sim.start(token="ADA")
        await self.sim.wait_for("sampled", timeout_s=PATIENCE_S)
        await self.sim.station.clock.sleep(60)
        assert await self.sim.stop(token="ADA")
        await self.sim.delivered(PATIENCE_S)
        (row,) = (await self.node.get("/transactions", station=self.row))["items"]
        return row

    async def anomalies(self) -> set[str]:
        found = await self.node.get("/anomalies", station=self.row)
        return {a["kind"] for a in found["items"]}


@asynccontextmanager
async def misbehaving(
    node: Running, version: str, *quirks: Quirk, password: str | None = None, **switched: Any
) -> AsyncIterator[Post]:
    """Connected and booted, with the quirks switched on at both ends."""
    row = await node.add_station("Q-1", password=password)
    await node.add_token("ADA")
    if switched:
        answer = await node.client.patch(f"/api/v1/stations/{row}/quirks", json=switched)
        assert answer.status_code == 200, answer.text
        assert set(switched) <= {q["name"] for q in answer.json()["quirks"]}
    sim = SimStation(
        version,
        "Q-1",
        node.stations_url,
        password,
        clock=WallClock(SPEED),
        quirks=quirks,
        model="VN-Home 11",
    )
    async with sim:
        sim.station.behaviour.sample_interval_s = 20
        await sim.connect()
        await sim.boot()
        yield Post(node, row, sim)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_local_time_is_put_right(node: Running, version: str) -> None:
    async with misbehaving(node, version, Quirk.LOCAL_TIME, clock="+02:00") as post:
        began = datetime.now(UTC)
        row = await post.charge()
        started = datetime.fromisoformat(row["started_at"])
        assert abs(started - began) < timedelta(minutes=15)
        assert not await post.anomalies() & {"clock-skew", "clock-implausible"}


async def test_decimal_commas_are_numbers(node: Running) -> None:
    async with misbehaving(node, "1.6", Quirk.COMMA_DECIMALS, decimal_comma=True) as post:
        row = await post.charge()
        series = await node.get(f"/transactions/{row['id']}/series")
        assert any(sample["power_w"] for sample in series["items"])


async def test_measurands_of_its_own_are_understood(node: Running) -> None:
    names = {"Power": "Power.Active.Import", "SoC": ""}
    async with misbehaving(node, "1.6", Quirk.OWN_MEASURANDS, measurands=names) as post:
        row = await post.charge()
        series = (await node.get(f"/transactions/{row['id']}/series"))["items"]
        assert max(sample["power_w"] or 0 for sample in series) > 1000
        assert all(sample["soc_pct"] is None for sample in series)


async def test_stale_readings_do_not_count(node: Running) -> None:
    contexts = ["Transaction.Begin"]
    async with misbehaving(node, "1.6", Quirk.STALE_READINGS, stale_contexts=contexts) as post:
        post.sim.evse().meter.register_wh = 5000
        row = await post.charge()
        series = (await node.get(f"/transactions/{row['id']}/series"))["items"]
        told = [sample["energy_wh"] for sample in series if sample["energy_wh"] is not None]
        assert told
        assert min(told) >= 4999
        assert row["held"] is False


async def test_connector_zero_is_connector_one(node: Running) -> None:
    async with misbehaving(node, "1.6", Quirk.CONNECTOR_ZERO, connector_zero=True) as post:
        row = await post.charge()
        assert (row["evse"], row["complete"]) == (1, True)


async def test_connector_zero_is_told_where_connector_one_is_meant(node: Running) -> None:
    async with misbehaving(node, "1.6", Quirk.CONNECTOR_ZERO, connector_zero=True) as post:
        trigger = {"message": "StatusNotification", "evse": 1}
        for command, body in (
            ("trigger", trigger),
            ("start", {"token": "ADA", "evse": 1}),
        ):
            result = await node.post(f"/stations/{post.row}/{command}", body)
            assert result["accepted"], (command, result)


async def test_one_key_at_a_time(node: Running) -> None:
    async with misbehaving(node, "1.6", Quirk.ONE_KEY, one_key_at_a_time=True) as post:
        keys = [{"variable": "HeartbeatInterval"}, {"variable": "NumberOfConnectors"}]
        read = await node.post(f"/stations/{post.row}/variables/read", {"names": keys})
        assert [v["status"] for v in read["variables"]] == ["Accepted", "Accepted"]


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_the_heartbeat_interval_is_written(node: Running, version: str) -> None:
    async with misbehaving(node, version, Quirk.HEARTBEAT_IGNORED, heartbeat_ignored=True) as post:
        row = await node.get(f"/stations/{post.row}")
        await post.sim.wait_for("configured", timeout_s=PATIENCE_S)
        told = post.sim.station.behaviour.heartbeat_interval_s
        assert told != 300, row
        assert 270 <= told <= 330


async def test_the_hexadecimal_text_of_a_key_is_its_password(node: Running) -> None:
    key = "00112233445566778899aabbccddeeff"
    quirk = Quirk.HEX_PASSWORD
    async with misbehaving(node, "1.6", quirk, password=key, hex_password=True) as post:
        assert (await node.get(f"/stations/{post.row}"))["connectivity"] == "online"


async def test_no_subprotocol_is_1_6(node: Running) -> None:
    async with misbehaving(node, "1.6", Quirk.NO_SUBPROTOCOL, no_subprotocol=True) as post:
        row = await post.charge()
        assert row["complete"] is True


# --- scripted: what the simulator cannot be made to do ---------------------------------------------------------------


@asynccontextmanager
async def scripted(node: Running, **about: str) -> AsyncIterator[ScriptedStation]:
    """A station of 1.6 that says this of itself, booted twice: a family is known from its second connection on."""
    row = await node.add_station("Q-2")
    station = ScriptedStation("1.6", "Q-2", node.stations_url, row=row)
    await station.connect()
    await station.boot(**about)
    await station.reconnect()
    await station.boot(**about)
    try:
        yield station
    finally:
        await station.close()
        assert not station.faults


async def charge(station: ScriptedStation, begin_wh: int, end_wh: int) -> None:
    card = {"connectorId": 1, "idTag": "ADA", "meterStart": begin_wh, "timestamp": now()}
    started = await station.call("StartTransaction", card)
    stop = {"transactionId": started["transactionId"], "meterStop": end_wh, "timestamp": now()}
    await station.call("StopTransaction", stop)


async def kinds(node: Running, station: ScriptedStation) -> set[str]:
    found = await node.get("/anomalies", station=station.id)
    return {a["kind"] for a in found["items"]}


@pytest.mark.parametrize(
    ("vendor", "model", "gap"),
    [("Acme", "One", True), ("ABB", "TACW22-4", False), ("EVBox", "EVB-P2128", False)],
)
async def test_a_register_that_restarts_is_no_gap(
    node: Running, vendor: str, model: str, gap: bool
) -> None:
    await node.add_token("ADA")
    about = {"chargePointVendor": vendor, "chargePointModel": model}
    async with scripted(node, **about) as station:
        station.answers("ChangeConfiguration", {"status": "Accepted"})
        await charge(station, 100, 9000)
        await charge(station, 7, 800)
        assert ("meter-gap" in await kinds(node, station)) is gap


@pytest.mark.parametrize(
    ("vendor", "model", "bent"),
    [("Acme", "One", True), ("Schneider Electric", "EVlink Smart Wallbox", False)],
)
async def test_what_a_family_is_known_to_bend_is_no_anomaly(
    node: Running, vendor: str, model: str, bent: bool
) -> None:
    row = await node.add_station("Q-3")
    station = ScriptedStation("1.6", "Q-3", node.stations_url, row=row)
    await station.connect()
    payload = {
        "chargePointVendor": vendor,
        "chargePointModel": model,
        "chargePointSerialNumber": "3N000000000000000000000000000001",
    }
    for _ in range(2):
        answer = await station.call("BootNotification", payload, checked=False)
        assert answer["status"] == "Accepted"
    await station.call("Heartbeat", {})
    shown = await node.get(f"/stations/{row}")
    assert shown["serial"] == payload["chargePointSerialNumber"]
    assert ("bent-rules" in await kinds(node, station)) is bent
    await station.close()


async def test_silence_is_not_held_against_a_station_that_never_answers_pings(
    node: Running,
) -> None:
    about = {"chargePointVendor": "EN+", "chargePointModel": "AC7000"}
    async with scripted(node, **about) as station:
        link = node.node.house.roster.link(int(station.id))  # type: ignore[arg-type]
        assert link is not None
        assert link.socket is not None
        assert link.socket.pong_timeout_s is None


async def test_a_station_that_boots_at_every_connection_has_not_restarted(node: Running) -> None:
    about = {"chargePointVendor": "Metron", "chargePointModel": "ME3 DYNAMIC OCPP"}
    async with scripted(node, **about) as station:
        station.answers("ChangeConfiguration", {"status": "RebootRequired"})
        values = [{"variable": "AcmeMode", "value": "2"}]
        await node.post(f"/stations/{station.id}/variables/write", {"values": values})
        await station.reconnect()
        await station.boot(**about)
        found = (await node.get(f"/stations/{station.id}/variables"))["items"]
        assert [v["reboot_required"] for v in found if v["variable"] == "AcmeMode"] == [True]


async def test_a_status_before_its_transaction_is_taken_as_it_comes(node: Running) -> None:
    await node.add_token("ADA")
    about = {"chargePointVendor": "Acme", "chargePointModel": "One"}
    async with scripted(node, **about) as station:
        await station.status("Charging")
        await charge(station, 0, 500)
        (row,) = (await node.get("/transactions", station=station.id))["items"]
        assert (row["energy_wh"], row["held"]) == (500, False)
