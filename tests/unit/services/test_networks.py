"""Leaving for another CSMS: what is known of a station that has hung up, and what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from releve.domain.commands import Outcome, Result
from releve.domain.operation import Operation, OperationState
from releve.domain.provisioning import NetworkProfile
from releve.domain.station import Station
from releve.services.live import Inbound, LiveStation
from releve.services.networks import AWAY, PATIENCE
from releve.services.provisioning import Booted
from tests.support.stores import ONE
from tests.unit.api.api_kit import House, opened

PROFILE = NetworkProfile(url="wss://other.example/ocpp", security_profile=2)
MINUTE = timedelta(minutes=1)


class Leaver:
    """A station that is sent away."""

    def __init__(self, house: House, station: Station) -> None:
        self.house = house
        self.station = station
        self.networks = house.desk.services.networks
        self.begun: Operation

    async def send_away(self) -> Operation:
        self.begun = await self.networks.migrate(
            ONE, self.station.id, 2, PROFILE, confirm=self.station.identity
        )
        return self.begun

    async def hang_up(self) -> None:
        live = self.house.line.here.pop(self.station.id)
        if live.leaving is not None:
            await self.networks.left(self.station, live.leaving)

    def connect(self) -> LiveStation:
        live = self.house.line.connect(self.station)
        self.networks.arrived(live)
        return live

    async def boot(self) -> None:
        live = self.house.line.here[self.station.id]
        inbound = Inbound(live, self.house.clock.now(), "BootNotification", "1", b"{}")
        told = Booted(vendor="V", model="M", reason="RemoteReset")
        await self.house.desk.services.provisioning.boot(inbound, told)

    async def after(self, time: timedelta) -> tuple[str, str]:
        """How it stands when so much time has passed."""
        self.house.clock.turn(time.total_seconds())
        await self.house.desk.services.operations.expire(ONE)
        now = await self.house.desk.services.operations.get(ONE, self.begun.id)
        return str(now.state), now.status


@pytest.fixture
async def leaver(tmp_path: Path) -> AsyncIterator[Leaver]:
    async with opened(tmp_path) as house:
        station = await house.add_station("CP-1")
        made = Leaver(house, station)
        made.connect()
        house.clock.turn(86_400)  # the system has been running for a while
        yield made


async def test_it_has_left_once_it_stays_away(leaver: Leaver) -> None:
    begun = await leaver.send_away()
    assert (begun.state, begun.status) == (OperationState.RUNNING, "Reset")
    await leaver.hang_up()
    assert await leaver.after(AWAY - MINUTE) == ("running", "Left")
    assert await leaver.after(MINUTE) == ("done", "Left")
    leaver.connect()
    await leaver.boot()  # much later it is back: that is another story
    assert await leaver.after(MINUTE) == ("done", "Left")


async def test_it_has_not_left_when_it_restarts_and_comes_back(leaver: Leaver) -> None:
    await leaver.send_away()
    await leaver.hang_up()
    assert await leaver.after(5 * MINUTE) == ("running", "Left")
    leaver.connect()
    await leaver.boot()
    assert await leaver.after(MINUTE) == ("failed", "Returned")
    await leaver.hang_up()
    assert await leaver.after(2 * AWAY) == ("failed", "Returned")


async def test_a_line_that_breaks_before_the_restart_changes_nothing(leaver: Leaver) -> None:
    await leaver.send_away()
    await leaver.hang_up()
    leaver.connect()  # without a boot: it waits for its car to leave
    assert await leaver.after(AWAY) == ("running", "Back")
    await leaver.hang_up()
    assert await leaver.after(AWAY) == ("done", "Left")


async def test_one_that_is_told_to_go_and_stays_has_not_left(leaver: Leaver) -> None:
    await leaver.send_away()
    assert await leaver.after(PATIENCE) == ("expired", "Reset")


async def test_a_hang_up_of_a_former_connection_is_no_leaving(leaver: Leaver) -> None:
    begun = await leaver.send_away()
    former = leaver.house.line.here.pop(leaver.station.id)
    newer = leaver.connect()
    assert former.leaving == begun.id
    await leaver.networks.left(leaver.station, begun.id)  # told late, its new line is up
    assert newer.leaving == begun.id
    assert await leaver.after(MINUTE) == ("running", "Reset")


async def test_nobody_is_taken_for_gone_while_this_system_itself_was_away(leaver: Leaver) -> None:
    await leaver.send_away()
    await leaver.hang_up()
    restarted = leaver.networks
    restarted._since = (
        leaver.house.clock.now() + AWAY - MINUTE
    )  # it starts just before the time is over
    assert await leaver.after(AWAY) == ("running", "Left")
    assert await leaver.after(AWAY) == ("done", "Left")


async def test_one_that_boots_at_each_connection_has_not_restarted_by_it(leaver: Leaver) -> None:
    await leaver.send_away()
    live = leaver.house.line.here[leaver.station.id]
    await leaver.hang_up()
    services = leaver.house.desk.services
    await services.quirks.switch(ONE, leaver.station.id, {"boots_on_reconnect": True})
    live = leaver.connect()
    async with leaver.house.store.work(ONE) as work:
        row = await work.stations.get(leaver.station.id)
    assert row is not None
    live.station = row
    live.quirks = services.quirks.table.of(row)
    await leaver.boot()
    assert await leaver.after(AWAY) == ("running", "Back")


async def test_a_reset_that_is_refused_ends_it(leaver: Leaver) -> None:
    accepted, refused = (
        leaver.house.line.outcome,
        Outcome(result=Result.ANSWERED, status="Rejected"),
    )
    asked = leaver.house.line.perform

    async def perform(station, command, *, timeout=None):  # type: ignore[no-untyped-def]
        await asked(station, command, timeout=timeout)
        return refused if type(command).__name__ == "Reset" else accepted

    leaver.house.line.perform = perform  # type: ignore[method-assign]
    begun = await leaver.send_away()
    assert (begun.state, begun.status) == (OperationState.FAILED, "Reset")
    await leaver.hang_up()
    assert await leaver.after(AWAY) == ("failed", "Reset")
    assert msgspec.structs.asdict(begun)["problem"].startswith("Reset:")
