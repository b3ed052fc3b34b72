"""Simulated stations of every version against a whole node, commanded through the REST API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from releve.simulator import SimStation, WallClock
from tests.support.running import Running
from tests.support.visitor import event

SPEED = 60.0
"""Simulated seconds per second: a minute's charging in one."""
PATIENCE_S = 20.0


class Post:
    """A booted station of two EVSEs, and its row in the register."""

    def __init__(self, node: Running, version: str, row: str, sim: SimStation) -> None:
        self.node = node
        self.version = version
        self.row = row
        self.sim = sim
        self._read = 0

    @property
    def old(self) -> bool:
        return self.version == "1.6"

    async def ask(self, command: str, body: Any = None) -> Any:
        """A command's result, by the API."""
        return await self.node.post(f"/stations/{self.row}/{command}", body)

    async def heard(self, topic: str) -> Any:
        """The next event of this topic about the station, as the bus tells it."""
        self._read, found = await event(self.node, topic, self.sim.plan.identity, self._read)
        return found

    async def only_transaction(self) -> Any:
        """The station's one transaction, as the API shows it."""
        (row,) = (await self.node.get("/transactions", station=self.row))["items"]
        return row

    async def logged(self, action: str, times: int) -> list[Any]:
        """The message log of one action, once it has so many; it is written a moment after the answer."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await self.node.get(f"/stations/{self.row}/messages", action=action)
                if len(found["items"]) >= times:
                    return list(found["items"])

    async def charged(self, seconds: float) -> None:
        """Let simulated time pass: the car charges, samples are sent."""
        await self.sim.station.clock.sleep(seconds)


@pytest.fixture(params=["1.6", "2.0.1", "2.1"])
async def post(request: pytest.FixtureRequest, node: Running) -> AsyncIterator[Post]:
    """Registered with a password, connected and booted."""
    version = str(request.param)
    row = await node.add_station("CP-1", password="a-password-of-16-")
    await node.add_token("ADA")
    async with SimStation(
        version,
        "CP-1",
        node.stations_url,
        "a-password-of-16-",
        clock=WallClock(SPEED),
        reboot_s=1.0,
    ) as sim:
        sim.station.behaviour.sample_interval_s = 30
        await sim.connect()
        await sim.boot()
        yield Post(node, version, row, sim)


async def test_it_boots_and_charges_and_every_wh_is_found(post: Post) -> None:
    began = post.sim.meter_wh()
    await post.sim.start(token="ADA")
    await post.sim.wait_for("sampled", timeout_s=PATIENCE_S)
    await post.charged(45)
    assert await post.sim.stop(token="ADA")
    await post.sim.delivered(PATIENCE_S)
    charged_wh = post.sim.meter_wh() - began
    assert charged_wh > 50

    row = await post.only_transaction()
    assert (row["state"], row["token"], row["complete"]) == ("ended", "ADA", True)
    assert row["energy_wh"] == pytest.approx(charged_wh, abs=1)  # 1.6 tells whole Wh
    assert row["meter_stop_wh"] - row["meter_start_wh"] == row["energy_wh"]
    series = await post.node.get(f"/transactions/{row['id']}/series")
    registers = [s["energy_wh"] for s in series["items"] if s["energy_wh"] is not None]
    assert len(registers) >= 2
    assert registers == sorted(registers)
    assert row["meter_start_wh"] <= registers[0] + 1
    assert registers[-1] <= row["meter_stop_wh"] + 1  # 1.6 cuts the stop to whole Wh

    station = await post.node.get(f"/stations/{post.row}")
    assert (station["connectivity"], station["boot"]) == ("online", "Accepted")
    assert station["version"].removeprefix("ocpp") == post.version
    assert (station["vendor"], station["model"]) == (post.sim.plan.model.maker, "VN-Duo 22")
    assert [e["evse"] for e in station["evses"] if e["evse"]] == [1, 2]


async def test_a_start_and_a_stop_from_afar(post: Post) -> None:
    post.sim.plug_in(1)
    started = await post.ask("start", {"token": "ADA", "evse": 1})
    assert (started["result"], started["status"], started["accepted"]) == (
        "answered",
        "Accepted",
        True,
    )
    await post.sim.wait_for("transaction-started", timeout_s=PATIENCE_S)
    began = await post.heard("transaction.began")
    row = await post.node.get(f"/transactions/{began.transaction}")
    assert (row["state"], row["token"], row["evse"]) == ("active", "ADA", 1)
    assert row["remote_start_id"] == started["remote_start_id"]

    stopped = await post.node.post(f"/transactions/{row['id']}/stop")
    assert (stopped["result"], stopped["accepted"]) == ("answered", True)
    await post.sim.wait_for("transaction-ended", timeout_s=PATIENCE_S)
    await post.heard("transaction.ended")
    row = await post.only_transaction()
    assert (row["state"], row["stop_reason"]) == ("ended", "Remote")


async def test_a_reset_ends_the_charge_and_the_station_comes_back(post: Post) -> None:
    await post.sim.start(token="ADA")
    await post.sim.wait_for("booted")
    answer = await post.ask("reset", {"kind": "Immediate"})
    assert (answer["result"], answer["status"]) == ("answered", "Accepted")
    await post.sim.wait_for("booted", timeout_s=PATIENCE_S)
    await post.sim.delivered(PATIENCE_S)
    row = await post.only_transaction()
    assert row["state"] == "ended"
    assert row["stop_reason"] in {"HardReset", "ImmediateReset"}  # 1.6 and 2.x
    assert len(await post.logged("BootNotification", 2)) == 2


async def test_out_of_service_and_back(post: Post) -> None:
    closed = await post.ask("availability", {"operative": False, "evse": 2})
    assert (closed["result"], closed["status"]) == ("answered", "Accepted")
    while (told := await post.heard("evse.status")).status != "Unavailable":
        pass
    assert told.evse == 2
    assert post.sim.status(2) == "Unavailable"
    opened = await post.ask("availability", {"operative": True, "evse": 2})
    assert opened["accepted"]
    while (told := await post.heard("evse.status")).status != "Available":
        pass
    assert told.evse == 2


async def test_unlock_trigger_and_clear_cache(post: Post) -> None:
    unlocked = await post.ask("unlock", {"evse": 1})
    assert (unlocked["result"], unlocked["accepted"]) == ("answered", True)
    assert unlocked["status"] == "Unlocked"
    triggered = await post.ask("trigger", {"message": "Heartbeat"})
    assert (triggered["result"], triggered["status"]) == ("answered", "Accepted")
    (beat,) = await post.logged("Heartbeat", 1)
    assert (beat["inbound"], beat["outcome"]) == (True, "answered")
    refused = await post.ask("trigger", {"message": "BootNotification"})
    assert (refused["result"], refused["accepted"]) == ("answered", False)  # F06.FR.17
    cleared = await post.ask("clear-cache")
    assert (cleared["result"], cleared["status"]) == ("answered", "Accepted")


async def test_variables_are_written_and_read_back(post: Post) -> None:
    place = {"variable": "HeartbeatInterval"}
    if not post.old:
        place["component"] = "OCPPCommCtrlr"
    written = await post.ask("variables/write", {"values": [{**place, "value": "1234"}]})
    assert (written["result"], written["accepted"]) == ("answered", True)
    assert post.sim.station.behaviour.heartbeat_interval_s == 1234
    read = await post.ask("variables/read", {"names": [place]})
    (found,) = read["variables"]
    assert found["value"] == "1234"
    kept = (await post.node.get(f"/stations/{post.row}/variables"))["items"]
    assert [v["value"] for v in kept if v["variable"] == "HeartbeatInterval"] == ["1234"]
    unknown = await post.ask("variables/read", {"names": [{**place, "variable": "Nonsense"}]})
    (found,) = unknown["variables"]
    assert found["status"] in {"UnknownKey", "UnknownVariable"}
    assert not unknown["accepted"]


async def test_data_transfer_in_both_directions(post: Post) -> None:
    told = await post.ask("data-transfer", {"vendor": "org.nowhere", "data": "x"})
    assert (told["result"], told["status"]) == ("answered", "UnknownVendorId")
    assert not told["accepted"]
    heard = await post.sim.call("DataTransfer", {"vendorId": "org.nowhere", "data": "x"})
    assert heard["status"] == "UnknownVendorId"


async def test_a_raw_call_of_any_action(post: Post) -> None:
    version = await post.ask("calls/GetLocalListVersion")
    assert (version["result"], version["payload"]) == (
        "answered",
        {"listVersion": 0} if post.old else {"versionNumber": 0},
    )
    assert (await post.ask("calls/MakeCoffee"))["result"] in {"invalid", "unsupported"}
    wrong = await post.ask("calls/Reset", {"type": "Nonsense"})
    assert wrong["result"] == "invalid"
    assert "type" in wrong["description"]
    error = await post.ask("calls/Reset?unchecked=true", {"type": "Nonsense"})
    assert error["result"] == "error"
    assert error["code"]


async def test_what_was_charged_offline_arrives_later(post: Post) -> None:
    began = post.sim.meter_wh()
    await post.sim.start(token="ADA")
    await post.sim.delivered(PATIENCE_S)
    await post.sim.go_offline()
    await post.heard("station.disconnected")
    assert (await post.node.get(f"/stations/{post.row}"))["connectivity"] == "offline"
    await post.charged(60)
    assert await post.sim.stop(token="ADA")
    assert len(post.sim.station.outbox) >= 2  # samples, and the end
    await post.sim.come_back()
    await post.sim.delivered(PATIENCE_S)
    row = await post.only_transaction()
    assert (row["state"], row["complete"]) == ("ended", True)
    assert row["energy_wh"] == pytest.approx(post.sim.meter_wh() - began, abs=1)
    assert len(await post.logged("BootNotification", 1)) == 1  # it came back without booting


async def test_a_command_to_a_station_that_is_away(post: Post) -> None:
    await post.sim.go_offline()
    await post.heard("station.disconnected")
    assert (await post.ask("unlock", {"evse": 1}))["result"] == "offline"
