"""The Charging tab: what is installed, limits set and cleared, limits from outside, the chart's numbers."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from releve.domain.charging_holdings import ExternalLimit
from releve.domain.charging_profile import (
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    Purpose,
    RateUnit,
)
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.smart_charging import ClearChargingProfile, SetChargingProfile
from releve.domain.station import ConnectorStatus
from releve.services.errors import Invalid
from releve.web.charging_forms import limit_of
from releve.web.forms import Form

from .conftest import read

NOON = datetime(2026, 7, 1, 12, 30, tzinfo=ZoneInfo("Europe/Paris"))


def test_a_limit_of_the_station_and_one_of_an_evse():
    evse, one = limit_of(Form({"unit": "A", "limit": "8,1", "evse": "0"}), NOON)
    assert (evse, one.purpose, one.kind) == (0, Purpose.STATION_MAX, Kind.ABSOLUTE)
    assert one.schedule.periods[0].limit == Decimal("8.1")
    assert one.schedule.start_schedule < NOON
    evse, one = limit_of(
        Form({"unit": "W", "limit": "3700", "evse": "2", "phases": "1", "minutes": "30"}), NOON
    )
    assert (evse, one.purpose, one.schedule.unit) == (2, Purpose.TX_DEFAULT, RateUnit.WATT)
    assert one.valid_to == datetime(2026, 7, 1, 11, 0, tzinfo=UTC)
    transaction = Form({"unit": "A", "limit": "6", "evse": "2", "transaction": "yes"})
    assert limit_of(transaction, NOON)[1].purpose is Purpose.TX


def test_hours_of_a_day_are_those_of_the_persons_zone():
    form = Form({"unit": "A", "evse": "1", "hours": "22:00 16\n06:30 8,5\n"})
    _, one = limit_of(form, NOON)
    assert (one.kind, one.schedule.duration) == (Kind.RECURRING, 86_400)
    assert one.schedule.start_schedule == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert [(p.start_period, float(p.limit)) for p in one.schedule.periods] == [
        (0, 16),
        (23_400, 8.5),
        (79_200, 16),
    ]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"limit": ""}, "limit"),
        ({"limit": "much"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "nan"}, "limit"),
        ({"hours": "25:00 6"}, "hours"),
        ({"hours": "noon 6"}, "hours"),
        ({"limit": "6", "unit": "kW"}, "unit"),
        ({"limit": "6", "minutes": "0"}, "minutes"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(values, field):
    with pytest.raises(Invalid) as refused:
        limit_of(Form({"unit": "A", "evse": "1"} | values), NOON)
    assert refused.value.field == field


@pytest.fixture
async def station(console):
    inbound = await console.connected("CP-1", vendor="Alfen", model="NG9", firmware="4.1")
    await console.status(inbound, 1, ConnectorStatus.AVAILABLE)
    return inbound


async def test_a_limit_is_set_shown_and_cleared(ada, olga, console, station):
    path = f"/stations/{station.station.id}/charging"
    assert "No charging profile is known" in read(await ada.get(path))
    assert "EVSE 1" in read(await olga.get(f"{path}/limit"))

    done = await olga.post(f"{path}/limit", unit="A", limit="10", evse="1")
    assert "The station accepted" in read(done)
    command = console.stations.asked[-1][1]
    assert isinstance(command, SetChargingProfile)
    assert (command.evse, command.profile.purpose) == (1, Purpose.TX_DEFAULT)
    text = read(await ada.get(path))
    assert "TxDefaultProfile" in text
    assert "10 A" in text

    points = (await ada.get(f"{path}.json")).json()
    assert points["allowed"][0][1:] == [1, 6900.0]

    number = command.profile.id
    assert "may charge faster" in read(await olga.get(f"{path}/clear/{number}"))
    await olga.post(f"{path}/clear/{number}")
    assert isinstance(console.stations.asked[-1][1], ClearChargingProfile)
    assert "No charging profile is known" in read(await ada.get(path))
    assert (await olga.get(f"{path}/clear/{number}")).status_code == 404


async def test_a_wrong_limit_keeps_the_form(olga, station):
    path = f"/stations/{station.station.id}/charging/limit"
    refused = await olga.post(path, unit="A", limit="much", evse="1")
    assert refused.status_code == 422
    assert "This is not a number." in read(refused)


async def test_what_the_standard_forbids_is_said_in_the_persons_language(olga, station):
    await olga.post("/language", language="fr", back="/")
    path = f"/stations/{station.station.id}/charging/limit"
    refused = await olga.post(path, unit="A", limit="10", evse="1", transaction="yes")
    assert "Aucune transaction ne court sur l’EVSE 1" in read(refused)


async def test_limits_from_outside_are_shown(ada, console, station):
    period = ChargingSchedulePeriod(limit=Decimal(8))
    limit = ExternalLimit(
        source="EMS",
        grid_critical=True,
        schedules=(ChargingSchedule(id=1, periods=(period,)),),
        received_at=datetime(2026, 7, 1, tzinfo=UTC),
    )
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.holdings.save(station.station.id, limit)
    text = read(await ada.get(f"/stations/{station.station.id}/charging"))
    for words in ("EMS", "critical for the grid", "8 A", "The whole station"):
        assert words in text


async def test_the_station_is_asked_what_it_has_and_allows(olga, console, station):
    path = f"/stations/{station.station.id}/charging"
    assert "reports its profiles" in read(await olga.post(f"{path}/fetch"))
    text = read(await olga.post(f"{path}/compare", evse="1"))
    assert "The station accepted" in text  # it told no schedule
