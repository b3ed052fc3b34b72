"""Firmware for many stations when things go wrong in the middle: refusals, lost lines, restarts, second thoughts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from releve.domain.firmware import Turn
from releve.domain.ids import DEFAULT_OPERATOR
from tests.support.rig import CallError, Rig, ScriptedStation, rigged
from tests.support.running import Running, running

OLD, NEW = "1.0", "2.0"
UPDATE = "UpdateFirmware"
ACCEPTED = {"status": "Accepted"}
TIMEOUT_S = 0.3


class Site:
    """A node with stations, and one roll-out among them."""

    def __init__(self, node: Running, rig: Rig) -> None:
        self.node = node
        self.rig = rig
        self.image: dict[str, Any] = {}

    async def stations(self, count: int, **how: Any) -> list[ScriptedStation]:
        """Stations that take an update on unless told otherwise."""
        made = []
        for _ in range(count):
            station = await self.rig.station("2.0.1", boot=False, **how)
            station.answers(UPDATE, ACCEPTED)
            if how.get("connect", True):
                await station.boot(firmwareVersion=OLD)
            made.append(station)
        return made

    async def begin(self, stations: Sequence[ScriptedStation], **pace: Any) -> dict[str, Any]:
        """Upload an image and roll it out."""
        answer = await self.node.client.post(
            f"/api/v1/firmware?name=fw.bin&version={NEW}", content=b"firmware"
        )
        assert answer.status_code == 201, answer.text
        self.image = answer.json()
        body = {"image": self.image["id"], "stations": [one.identity for one in stations], **pace}
        begun: dict[str, Any] = await self.node.post("/firmware-rollouts", body)
        return begun

    async def advance(self, rollout: dict[str, Any]) -> dict[str, Any]:
        """What the chore does now and then; the roll-out afterwards."""
        await self.node.node.services.rollouts.advance_all(DEFAULT_OPERATOR)
        seen: dict[str, Any] = await self.node.get(f"/firmware-rollouts/{rollout['id']}")
        assert seen["counts"].get("running", 0) <= seen["at_once"]
        return seen

    async def installed(self, station: ScriptedStation) -> None:
        """It reports each step, reboots into the new version, and reports the end."""
        number = station.asked(UPDATE)[-1]["requestId"]
        for word in ("Downloading", "Downloaded", "Installing"):
            await station.call("FirmwareStatusNotification", {"status": word, "requestId": number})
        await station.reconnect()
        await station.boot("FirmwareUpdate", firmwareVersion=NEW)
        await station.call(
            "FirmwareStatusNotification", {"status": "Installed", "requestId": number}
        )


def counts(rollout: dict[str, Any]) -> dict[str, int]:
    """How many stations stand where."""
    return {turn: count for turn, count in rollout["counts"].items() if count}


def turns(rollout: dict[str, Any]) -> dict[str, str]:
    """How each station stands, by its identity."""
    return {step["identity"]: step["turn"] for step in rollout["steps"]}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, call_timeout=TIMEOUT_S) as node, rigged(node) as rig:
        yield Site(node, rig)


async def test_some_refuse_some_go_offline_and_the_others_get_theirs(site: Site) -> None:
    good = await site.stations(4)
    rejecting, broken, mute, failing, dropping = await site.stations(5)
    (absent,) = await site.stations(1, connect=False)
    rejecting.answers(UPDATE, {"status": "Rejected"})
    broken.answers(UPDATE, CallError("InternalError", "no memory"))

    async def never(_: dict[str, Any]) -> dict[str, Any]:
        await mute.socket.wait_closed()
        return ACCEPTED

    mute.answers(UPDATE, never)
    everyone = [rejecting, good[0], broken, absent, mute, good[1], failing, dropping, *good[2:]]
    rollout = await site.begin(everyone, at_once=3)
    unfinished = {*good, failing}
    hung_up = False
    for _ in range(30):
        seen = await site.advance(rollout)
        for station in [one for one in unfinished if one.asked(UPDATE)]:
            unfinished.discard(station)
            if station is not failing:
                await site.installed(station)
                continue
            told = {"status": "DownloadFailed", "requestId": station.asked(UPDATE)[0]["requestId"]}
            await station.call("FirmwareStatusNotification", told)
        if dropping.asked(UPDATE) and not hung_up:
            hung_up = True
            await dropping.close()  # in the middle of its update
        if not unfinished and hung_up and seen["counts"].get("waiting") == 1:
            break
    assert turns(seen) == {
        **{one.identity: "done" for one in good},
        **{one.identity: "failed" for one in (rejecting, broken, mute, failing)},
        dropping.identity: "running",
        absent.identity: "waiting",
    }
    assert seen["ended_at"] is None
    assert len(mute.asked(UPDATE)) == 3  # it may have missed the first
    assert {len(one.asked(UPDATE)) for one in (*good, rejecting, broken, failing)} == {1}

    await dropping.connect()  # it comes back with the new version, and has no word for it
    await dropping.boot("FirmwareUpdate", firmwareVersion=NEW)
    await absent.connect()
    await absent.boot(firmwareVersion=OLD)
    await site.advance(rollout)
    await absent.expect(UPDATE)
    await site.installed(absent)
    seen = await site.advance(rollout)
    assert counts(seen) == {"done": 6, "failed": 4}
    assert seen["ended_at"] is not None
    assert len(dropping.asked(UPDATE)) == 1
    status = {step["identity"]: step["status"] for step in seen["steps"]}
    assert status[rejecting.identity] == "Rejected"
    assert status[failing.identity] == "DownloadFailed"
    assert status[mute.identity] == "timeout"


async def test_it_stops_by_itself_after_failures(site: Site) -> None:
    bad, good = await site.stations(2), await site.stations(3)
    for one in bad:
        one.answers(UPDATE, {"status": "Rejected"})
    rollout = await site.begin([*bad, *good], at_once=1, stop_after_failures=2)
    seen = await site.advance(rollout)
    assert counts(seen) == {"failed": 2, "skipped": 3}
    assert seen["ended_at"] is not None
    assert [one.asked(UPDATE) for one in good] == [[], [], []]


async def test_it_is_cancelled_in_the_middle(site: Site) -> None:
    stations = await site.stations(5)
    rollout = await site.begin(stations, at_once=2)
    first, second, *others = stations
    assert [len(one.asked(UPDATE)) for one in stations] == [1, 1, 0, 0, 0]
    cancelled = await site.node.post(f"/firmware-rollouts/{rollout['id']}/cancel")
    assert cancelled["cancelled"]
    assert counts(cancelled) == {"running": 2, "skipped": 3}
    assert cancelled["ended_at"] is None  # two are under way: nobody can tell how far they are
    await site.installed(first)
    seen = await site.advance(rollout)
    assert counts(seen) == {"done": 1, "running": 1, "skipped": 3}
    number = second.asked(UPDATE)[0]["requestId"]
    told = {"status": "InstallationFailed", "requestId": number}
    await second.call("FirmwareStatusNotification", told)
    seen = await site.advance(rollout)
    assert counts(seen) == {"done": 1, "failed": 1, "skipped": 3}
    assert seen["ended_at"] is not None
    assert [one.asked(UPDATE) for one in others] == [[], [], []]


async def test_a_station_is_removed_in_the_middle(site: Site) -> None:
    """Neither the one that is under way nor the one that waits holds up the others."""
    under_way, waiting, good = await site.stations(3)
    rollout = await site.begin([under_way, waiting, good], at_once=1)
    for one in (under_way, waiting):
        gone = await site.node.client.delete(f"/api/v1/stations/{one.id}")
        assert gone.status_code == 204
    await site.advance(rollout)
    await good.expect(UPDATE)
    await site.installed(good)
    seen = await site.advance(rollout)
    assert turns(seen) == {
        under_way.identity: "skipped",
        waiting.identity: "skipped",
        good.identity: "done",
    }
    assert seen["ended_at"] is not None


async def test_the_node_restarts_in_the_middle(tmp_path: Path) -> None:
    """Nobody is asked twice, whatever had been written down; what happened meanwhile is found out."""
    async with running(tmp_path, call_timeout=TIMEOUT_S) as node, rigged(node) as rig:
        site = Site(node, rig)
        stations = await site.stations(6)
        rollout = await site.begin(stations, at_once=3)
        assert [len(one.asked(UPDATE)) for one in stations] == [1, 1, 1, 0, 0, 0]
        await site.installed(stations[0])
        # As a crash leaves it between asking a station and writing that down in the roll-out.
        rollouts = node.node.services.rollouts
        kept = await rollouts.get(DEFAULT_OPERATOR, rollout["id"])
        forgetful = msgspec.structs.replace(kept.steps[1], turn=Turn.WAITING, operation=None)
        steps = (kept.steps[0], forgetful, *kept.steps[2:])
        await rollouts._save(DEFAULT_OPERATOR, msgspec.structs.replace(kept, steps=steps))
        for one in stations:
            await one.close()
        passwords = {one.identity: one for one in stations}
    async with running(tmp_path, call_timeout=TIMEOUT_S) as node, rigged(node) as rig:
        site = Site(node, rig)
        seen = await site.advance(rollout)  # nobody is there yet: nothing is lost by it
        assert counts(seen) == {"done": 1, "running": 1, "waiting": 4}
        rig.stations += stations
        for station in passwords.values():
            station.url = rig.url
            await station.connect()
        # The second installed it while the system was away, the third tells of it now.
        await stations[0].boot(firmwareVersion=NEW)
        await stations[1].boot("FirmwareUpdate", firmwareVersion=NEW)
        for one in stations[2:]:
            await one.boot(firmwareVersion=OLD)
        await site.installed(stations[2])
        seen = await site.advance(rollout)
        assert [len(one.asked(UPDATE)) for one in stations] == [1] * 6
        for one in stations[3:]:
            await site.installed(one)
        seen = await site.advance(rollout)
        assert counts(seen) == {"done": 6}
        assert seen["ended_at"] is not None
        assert [len(one.asked(UPDATE)) for one in stations] == [1] * 6
