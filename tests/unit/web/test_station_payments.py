"""QR codes of a station in the console, and starts that bring a charging limit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from releve.domain.charging_profile import Kind, Purpose, RateUnit
from releve.domain.commands import Outcome, RequestStart, Result, SetVariables, VariableName
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.station import ConnectorStatus
from releve.services.ports import Variable
from tests.support.console import Console

from .conftest import read

FORM = {
    "enabled": "yes",
    "validity_s": "30",
    "length": "10",
    "per_evse": "yes",
    "amount": "40,50",
    "currency": "chf",
}


@pytest.fixture
async def station(console: Console):
    inbound = await console.connected("CP/1", version="ocpp2.1")
    await console.status(inbound, 1, ConnectorStatus.AVAILABLE)
    return inbound


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}"


async def told(console: Console, station, component: str, **values: str) -> None:
    now = console.desk.clock.now()
    known = [
        Variable(
            name=VariableName(component=component, variable=name),
            value=value,
            mutability="ReadOnly",
            reported_at=now,
        )
        for name, value in values.items()
    ]
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.variables.save(station.station.id, known)


async def test_a_station_is_told_how_to_make_codes(ada, console, station, path):
    assert "This station makes no QR codes" in read(await ada.get(f"{path}/payments"))
    assert 'value="60"' in (await ada.get(f"{path}/payments/codes")).text
    answer = await ada.post(f"{path}/payments/codes", **FORM)
    assert "The station accepted" in read(answer)
    sent = console.stations.asked[-1][1]
    assert isinstance(sent, SetVariables)
    values = {name.variable: value for name, value in sent.values}
    assert (values["ValidityTime"], values["Length"], values["Enabled"]) == ("30", "10", "true")
    setup = await console.desk.services.web_payments.look(DEFAULT_OPERATOR, station.station.id)
    assert (setup.amount, setup.currency, setup.static) == (Decimal("40.50"), "CHF", False)
    page = await ada.get(f"{path}/payments")
    assert "CHF" in read(page)
    assert "Addresses of static codes" not in page.text
    for text in (page.text, answer.text, (await ada.get(f"{path}/payments/codes")).text):
        assert values["SharedSecret"] not in text
    assert "a new secret" in read(await ada.get(f"{path}/payments/codes"))


async def test_static_codes_have_addresses_to_print(ada, console, station, path):
    await ada.post(f"{path}/payments/codes", **FORM, static="yes")
    assert "/pay/CP%2F1/1" in (await ada.get(f"{path}/payments")).text
    await ada.post(f"{path}/payments/codes", **FORM | {"enabled": ""}, static="yes")
    assert "/pay/CP%2F1/1" not in (await ada.get(f"{path}/payments")).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("validity_s", ""),
        ("validity_s", "5"),
        ("length", "40"),
        ("length", "x"),
        ("amount", "0"),
        ("amount", "much"),
        ("currency", "Euro"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(ada, console, station, path, field, value):
    answer = await ada.post(f"{path}/payments/codes", **FORM | {field: value})
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text
    assert console.stations.asked == []


async def test_a_refusal_keeps_what_was(ada, console, station, path):
    refused = Outcome(result=Result.ANSWERED, status="Rejected", accepted=False)
    console.stations.answers["SetVariables"] = refused
    assert "The station refused" in read(await ada.post(f"{path}/payments/codes", **FORM))
    assert "This station makes no QR codes" in read(await ada.get(f"{path}/payments"))


async def test_an_operator_reads_only(olga, path):
    assert (await olga.get(f"{path}/payments")).status_code == 200
    assert (await olga.get(f"{path}/payments/codes")).status_code == 403
    assert (await olga.post(f"{path}/payments/codes", **FORM)).status_code == 403


# --- a start with a limit -------------------------------------------------------------------------------------------


async def test_a_start_brings_its_limit(olga, console, station, path):
    assert "Begin with a charging limit" in read(await olga.get(f"{path}/commands/start"))
    form = {"evse": "1", "limit": "10,5", "unit": "A", "limit_minutes": "30", "phases": "1"}
    assert "The station accepted" in read(await olga.post(f"{path}/commands/start", **form))
    sent = console.stations.asked[-1][1]
    assert isinstance(sent, RequestStart)
    profile = sent.profile
    assert (profile.purpose, profile.kind) == (Purpose.TX, Kind.RELATIVE)
    (schedule,) = profile.schedules
    assert (schedule.unit, schedule.duration) == (RateUnit.AMPERE, 1800)
    assert (schedule.periods[0].limit, schedule.periods[0].number_phases) == (Decimal("10.5"), 1)
    await olga.post(f"{path}/commands/start", evse="1", unit="A")
    assert console.stations.asked[-1][1].profile is None


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"limit": "much", "unit": "A"}, "limit"),
        ({"limit_minutes": "30"}, "limit"),
        ({"limit": "6", "unit": "A", "limit_minutes": "0"}, "limit_minutes"),
        ({"limit": "6", "unit": "Hz"}, "unit"),
    ],
)
async def test_a_limit_that_makes_no_sense_starts_nothing(olga, console, path, form, field):
    answer = await olga.post(f"{path}/commands/start", **form)
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text
    assert console.stations.asked == []


async def test_only_units_that_the_station_takes_are_offered(olga, console, station, path):
    await told(console, station, "SmartChargingCtrlr", RateUnit="W")
    dialog = (await olga.get(f"{path}/commands/start")).text
    assert '<option value="W"' in dialog
    assert '<option value="A"' not in dialog
    answer = await olga.post(f"{path}/commands/start", limit="6", unit="A")
    assert answer.status_code == 422
    assert "no limit in this unit" in read(answer)


@pytest.mark.parametrize(
    ("version", "component", "values"),
    [
        ("ocpp2.1", "SmartChargingCtrlr", {"Enabled": "false"}),
        ("ocpp2.0.1", "SmartChargingCtrlr", {"Available": "False"}),
        ("ocpp1.6", "", {"SupportedFeatureProfiles": "Core,RemoteTrigger"}),
    ],
)
async def test_a_station_without_smart_charging_is_offered_no_limit(
    olga, console, version, component, values
):
    inbound = await console.connected("CP-2", version=version)
    await told(console, inbound, component, **values)
    page = f"/stations/{inbound.station.id}/commands/start"
    assert "Begin with a charging limit" not in read(await olga.get(page))
    assert (await olga.post(page, limit="6", unit="A")).status_code == 422
    assert (await olga.post(page, token="ADA")).status_code == 200


async def test_a_16_station_with_smart_charging_is_offered_one(olga, console):
    inbound = await console.connected("CP-3", version="ocpp1.6")
    await told(console, inbound, "", SupportedFeatureProfiles="Core, SmartCharging")
    page = f"/stations/{inbound.station.id}/commands/start"
    assert "Begin with a charging limit" in read(await olga.get(page))


async def test_why_a_profile_may_not_go_is_said_at_its_field(olga, console, station, path):
    await told(console, station, "SmartChargingCtrlr", ProfileStackLevel="-1")
    answer = await olga.post(f"{path}/commands/start", evse="1", limit="6", unit="A")
    assert answer.status_code == 422
    assert 'id="problem-limit"' in answer.text
