"""A station's set of monitors, its level, and its event streams in the console."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from releve.domain.commands import Outcome, Result
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.monitoring import (
    AdjustPeriodicEventStream,
    Monitor,
    MonitoringBase,
    MonitorResult,
    SetMonitoringBase,
    SetMonitoringLevel,
    SetVariableMonitoring,
    Spot,
    StreamParams,
)
from releve.services.streams import Opened
from tests.support.console import ACCEPTED, Console

from .conftest import read

SPOT = Spot(component="EVSE", evse=1, variable="Power")
REJECTED = Outcome(result=Result.ANSWERED, status="Rejected", accepted=False)


@pytest.fixture
async def station(console: Console):
    return await console.connected("CP-1", version="ocpp2.1")


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}/upkeep"


@pytest.fixture
async def streaming(console: Console, station):
    """Monitor 7 sends values by stream 3."""
    monitor = Monitor(
        id=7,
        spot=SPOT,
        type="Periodic",
        value=10.0,
        severity=8,
        reported_at=console.desk.clock.now(),
    )
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.holdings.save(station.station.id, monitor)
    opened = Opened(id=3, monitor=7, params=StreamParams(interval_s=60))
    assert await console.desk.services.streams.opened(station, opened) == ""
    return station


def asked(console: Console, kind):
    return [command for _, command in console.stations.asked if isinstance(command, kind)]


async def test_a_station_goes_back_to_a_set_of_monitors(olga, console, station, path):
    assert "not known" in read(await olga.part(f"{path}?part=monitors"))
    assert "Only what is built in" in read(await olga.get(f"{path}/base"))
    answer = await olga.post(f"{path}/base", base="FactoryDefault")
    assert "The station accepted" in read(answer)
    assert asked(console, SetMonitoringBase) == [
        SetMonitoringBase(base=MonitoringBase.FACTORY_DEFAULT)
    ]
    assert "As from the factory" in read(await olga.part(f"{path}?part=monitors"))
    assert 'value="FactoryDefault" checked' in (await olga.get(f"{path}/base")).text
    wrong = await olga.post(f"{path}/base", base="Nothing")
    assert wrong.status_code == 422
    assert 'id="problem-base"' in wrong.text


async def test_the_level_is_chosen_and_a_refusal_changes_nothing(olga, console, station, path):
    console.stations.answers["SetMonitoringLevel"] = REJECTED
    assert "The station refused" in read(await olga.post(f"{path}/level", severity="4"))
    assert "from 0 (danger)" not in read(await olga.part(f"{path}?part=monitors"))
    console.stations.answers["SetMonitoringLevel"] = ACCEPTED
    await olga.post(f"{path}/level", severity="4")
    assert asked(console, SetMonitoringLevel)[-1].severity == 4
    assert "from 0 (danger) to 4 (Error)" in read(await olga.part(f"{path}?part=monitors"))
    assert 'value="4" selected' in (await olga.get(f"{path}/level")).text
    wrong = await olga.post(f"{path}/level", severity="10")
    assert wrong.status_code == 422
    assert 'id="problem-severity"' in wrong.text


async def test_a_monitor_with_a_stream_is_set(olga, console, station, path):
    assert "By an event stream" in read(await olga.get(f"{path}/monitor"))
    form = {"component": "EVSE", "variable": "Power", "severity": "8", "value": "10"}
    wrong = await olga.post(f"{path}/monitor", **form, type="Delta", interval="60")
    assert wrong.status_code == 422
    assert "Only a periodic monitor can have a stream." in read(wrong)
    never = await olga.post(f"{path}/monitor", **form | {"value": "0"}, type="Periodic")
    assert 'id="problem-value"' in never.text
    await olga.post(f"{path}/monitor", **form, type="Periodic", interval="60", transaction="yes")
    (command,) = asked(console, SetVariableMonitoring)
    assert command.monitors[0].stream == StreamParams(interval_s=60)
    assert command.monitors[0].transaction is True


async def test_a_station_of_201_is_not_offered_what_it_lacks(olga, console):
    old = await console.connected("CP-2", version="ocpp2.0.1")
    path = f"/stations/{old.station.id}/upkeep"
    dialog = read(await olga.get(f"{path}/monitor"))
    assert "By an event stream" not in dialog
    assert "Is off its target by" not in dialog
    part = read(await olga.part(f"{path}?part=monitors"))
    assert "Which events are told" in part
    assert "Open event streams" not in part


async def test_a_stream_is_adjusted(olga, console, streaming, path):
    assert "stream 3" in read(await olga.part(f"{path}?part=monitors"))
    assert 'value="60"' in (await olga.get(f"{path}/streams/3")).text
    empty = await olga.post(f"{path}/streams/3")
    assert empty.status_code == 422
    assert 'id="problem-interval"' in empty.text
    await olga.post(f"{path}/streams/3", interval="30", values="100")
    wanted = StreamParams(interval_s=30, values=100)
    assert asked(console, AdjustPeriodicEventStream) == [
        AdjustPeriodicEventStream(stream=3, params=wanted)
    ]
    assert "every 100 values" in read(await olga.part(f"{path}?part=monitors"))
    assert (await olga.get(f"{path}/streams/4")).status_code == 404


async def test_closing_a_stream_sets_its_monitor_without_one(olga, console, streaming, path):
    """N13.FR.06."""
    results = [MonitorResult(status="Accepted", id=7)]
    answer = replace(ACCEPTED, details=[{"status": r.status, "id": r.id} for r in results])
    console.stations.answers["SetVariableMonitoring"] = answer
    assert "The station accepted" in read(await olga.post(f"{path}/streams/3/close"))
    (command,) = asked(console, SetVariableMonitoring)
    assert (command.monitors[0].id, command.monitors[0].spot) == (7, SPOT)
    assert command.monitors[0].stream is None


async def test_open_streams_are_asked_for(olga, console, streaming, path):
    told = [{"id": 9, "monitor": 7, "params": {"interval_s": 5}}]
    console.stations.answers["GetPeriodicEventStream"] = replace(ACCEPTED, details=told)
    assert (await olga.post(f"{path}/streams")).status_code == 200
    part = read(await olga.part(f"{path}?part=monitors"))
    assert "stream 9" in part
    assert "stream 3" not in part


async def test_values_are_shown_newest_first(olga, console, streaming, path):
    assert "No value yet" in read(await olga.get(f"{path}/monitor/7/values"))
    base = console.desk.clock.now() - timedelta(seconds=10)
    values = [(0.0, "11000"), (5.0, "<b>7000</b>")]
    await console.desk.services.streams.told(streaming, 3, base, 0, values)
    page = await olga.get(f"{path}/monitor/7/values")
    text = read(page)
    assert "EVSE 1 / Power" in text
    assert text.index("7000") < text.index("11000")
    assert "<b>7000" not in page.text


async def test_a_viewer_reads_but_sets_nothing(vera, console, streaming, path):
    assert "stream 3" in read(await vera.part(f"{path}?part=monitors"))
    for address in ("base", "level", "streams/3"):
        assert (await vera.get(f"{path}/{address}")).status_code == 403, address
    assert (await vera.post(f"{path}/streams/3/close")).status_code == 403
    assert (await vera.get(f"{path}/monitor/7/values")).status_code == 200
