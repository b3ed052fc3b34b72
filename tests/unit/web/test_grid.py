"""The grid in the console: permits to discharge, signals, DER controls and battery swaps."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from releve.domain.battery import RequestBatterySwap, SwapEvent
from releve.domain.commands import Outcome, Result
from releve.domain.der import (
    FIELDS,
    ClearDerControl,
    ControlType,
    DerControl,
    LimitMaxDischarge,
    SetDerControl,
    wrong,
)
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.v2x import (
    CHARGING_ONLY,
    EnergyTransfer,
    NotifyAllowedEnergyTransfer,
    SendAfrrSignal,
    TransferPermit,
)
from releve.services.errors import Invalid
from releve.web import grid_words
from releve.web.der_form import always_default, control_of, filled
from releve.web.forms import Form
from releve.web.present import Present
from tests.support.console import Console

from .conftest import read

FMT = Present("en", "Europe/Paris", datetime(2027, 3, 1, 12, 0, tzinfo=UTC))
LATER = {"kind": "scheduled", "start_time": "2027-03-02T10:00", "minutes": "30"}
VALUES: dict[str, dict[str, str]] = {
    "enter_service": {
        "low_voltage": "207",
        "high_voltage": "253",
        "low_freq": "49,9",
        "high_freq": "50.1",
        "delay": "60",
    },
    "freq_droop": {
        "over_freq": "0.2",
        "under_freq": "0.2",
        "over_droop": "5",
        "under_droop": "5",
        "response_time": "1",
    },
    "fixed_pf_absorb": {"displacement": "0.95", "excitation": "yes"},
    "fixed_pf_inject": {"displacement": "1"},
    "fixed_var": {"setpoint": "-44", "unit": "PctMaxVar"},
    "gradient": {"gradient": "10", "soft_gradient": "5"},
    "limit_max_discharge": {"pct_max_discharge_power": "70"},
    "curve": {
        "curve_data": "207 44\n253,5 -44",
        "y_unit": "PctMaxVar",
        "response_time": "10",
        "hysteresis_high": "1",
    },
}


@pytest.fixture
async def station(console: Console):
    return await console.connected("CP-1", version="ocpp2.1")


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}/grid"


def asked(console: Console, kind):
    return [command for _, command in console.stations.asked if isinstance(command, kind)]


def fields(control: ControlType, **more: str) -> Form:
    values = VALUES[FIELDS.get(control, "curve")]
    return Form({"type": control.value, "kind": "default"} | values | more)


def test_every_value_has_words():
    assert set(grid_words.CONTROLS) == set(ControlType)
    assert set(grid_words.MODES) == set(EnergyTransfer)
    assert set(grid_words.SWAP_STEPS) == set(SwapEvent)


@pytest.mark.parametrize("kind", list(ControlType))
def test_every_type_of_control_has_its_form(kind):
    """As a default and scheduled; it survives its own form."""
    for times in ({}, {} if always_default(kind) else LATER):
        made = control_of(fields(kind, **times), FMT)
        assert wrong(made) is None
        assert made.is_default is not bool(times)
        assert control_of(filled(made, FMT), FMT) == made


def test_curves_have_the_settings_of_their_type():
    more = {"v_ref": "2", "autonomous_v_ref_enable": "yes", "power_during_cessation": "Active"}
    more |= {"hv10_min_mean_value": "253", "hv10_min_mean_trip_delay": "3"}
    volt = control_of(fields(ControlType.VOLT_VAR, **more), FMT)
    assert volt.curve.reactive_power_params.autonomous_v_ref_enable is True
    assert volt.curve.voltage_params.hv10_min_mean_value == 253
    assert control_of(filled(volt, FMT), FMT) == volt
    other = control_of(fields(ControlType.FREQ_WATT, **more), FMT)
    assert other.curve.reactive_power_params is None
    assert other.curve.voltage_params is None
    assert other.curve.hysteresis.hysteresis_high == 1


def test_a_discharge_limit_may_have_a_curve():
    made = control_of(fields(ControlType.LIMIT_MAX_DISCHARGE, **VALUES["curve"]), FMT)
    assert len(made.limit_max_discharge.power_monitoring_must_trip.curve_data) == 2
    assert control_of(filled(made, FMT), FMT) == made


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        (ControlType.VOLT_VAR, {"curve_data": ""}, "curve_data"),
        (ControlType.VOLT_VAR, {"curve_data": "230"}, "curve_data"),
        (ControlType.VOLT_VAR, {"curve_data": "230 x"}, "curve_data"),
        (ControlType.VOLT_VAR, {"curve_data": "1 1\n" * 11}, "curve_data"),
        (ControlType.VOLT_VAR, {"y_unit": "Volts"}, "y_unit"),
        (ControlType.HV_MUST_TRIP, {"hv10_min_mean_value": "1"}, "hv10_min_mean_trip_delay"),
        (ControlType.FIXED_PF_ABSORB, {"displacement": "1.5"}, "displacement"),
        (ControlType.FIXED_VAR, {"setpoint": "NaN"}, "setpoint"),
        (ControlType.FIXED_VAR, {"setpoint": "-101"}, "setpoint"),
        (ControlType.ENTER_SERVICE, {"high_voltage": "200"}, "high_voltage"),
        (ControlType.FREQ_DROOP, {"response_time": ""}, "response_time"),
        (
            ControlType.LIMIT_MAX_DISCHARGE,
            {"pct_max_discharge_power": ""},
            "pct_max_discharge_power",
        ),
        (ControlType.FREQ_DROOP, LATER | {"start_time": "soon"}, "start_time"),
        (ControlType.FREQ_DROOP, LATER | {"minutes": "0"}, "minutes"),
        (ControlType.FREQ_DROOP, {"priority": "-1"}, "priority"),
        (ControlType.FREQ_DROOP, {"control_id": "x" * 37}, "control_id"),
        (ControlType.FREQ_DROOP, {"type": "Levitate"}, "type"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(kind, more, field):
    with pytest.raises(Invalid) as refused:
        control_of(fields(kind, **more), FMT)
    assert refused.value.field == field


async def test_a_control_is_set_replaced_and_cleared(olga, console, station, path):
    chosen = await olga.get(f"{path}/control?type=VoltVar&kind=default")
    assert 'name="curve_data"' in chosen.text
    assert 'name="v_ref"' in chosen.text
    assert 'name="gradient"' not in chosen.text
    form = {"type": "LimitMaxDischarge", "kind": "default", "pct_max_discharge_power": "70"}
    wrong = await olga.post(f"{path}/control", **form | {"pct_max_discharge_power": "170"})
    assert wrong.status_code == 422
    assert 'id="problem-pct_max_discharge_power"' in wrong.text
    assert "The station accepted" in read(await olga.post(f"{path}/control", **form))
    wanted = DerControl(
        control_id="LimitMaxDischarge",
        type=ControlType.LIMIT_MAX_DISCHARGE,
        is_default=True,
        limit_max_discharge=LimitMaxDischarge(pct_max_discharge_power=Decimal(70)),
    )
    assert asked(console, SetDerControl) == [SetDerControl(control=wanted)]
    assert "Highest discharge power" in read(await olga.get(path))
    again = await olga.get(f"{path}/control?control=LimitMaxDischarge")
    assert 'name="pct_max_discharge_power" type="text" value="70"' in again.text
    assert "LimitMaxDischarge" in read(await olga.get(f"{path}/clear?control=LimitMaxDischarge"))
    await olga.post(f"{path}/clear", control="LimitMaxDischarge")
    assert asked(console, ClearDerControl) == [
        ClearDerControl(is_default=True, control_id="LimitMaxDischarge")
    ]
    assert "No control is known" in read(await olga.get(path))
    assert (await olga.get(f"{path}/control?control=LimitMaxDischarge")).status_code == 404


async def test_the_tab_follows_what_the_station_does(olga, console, station, path):
    part = await olga.part(path)
    assert 'id="station-grid"' in part.text
    assert "<html" not in part.text
    assert 'data-live="operation command transaction station.reported"' in part.text


async def test_all_controls_of_a_kind_are_cleared(olga, console, station, path):
    await olga.post(f"{path}/clear", kind="scheduled", type="VoltVar")
    assert asked(console, ClearDerControl) == [
        ClearDerControl(is_default=False, type=ControlType.VOLT_VAR)
    ]
    assert (await olga.post(f"{path}/clear", kind="some")).status_code == 422


async def test_the_signal_of_the_grid_operator_is_passed_on(olga, console, station, path):
    for value, at, field in (("", "", "signal"), ("1.5", "", "signal"), ("1", "soon", "at")):
        answer = await olga.post(f"{path}/signal", signal=value, at=at)
        assert answer.status_code == 422
        assert f'id="problem-{field}"' in answer.text
    await olga.post(f"{path}/signal", signal="-40")
    (sent,) = asked(console, SendAfrrSignal)
    assert sent.signal == -40


async def test_a_driver_swaps_batteries(olga, console, station, path):
    refused = await olga.post(f"{path}/swap", token="NOBODY")
    assert refused.status_code == 422
    assert "This token is not authorised (Unknown): it may not swap." in read(refused)
    await console.desk.services.tokens.add(DEFAULT_OPERATOR, "ADA")
    assert "Battery swap" in read(await olga.post(f"{path}/swap", token="ada"))
    assert asked(console, RequestBatterySwap)[0].token.value == "ADA"


async def test_who_may_discharge_is_decided(ada, console):
    page = read(await ada.get("/permits"))
    assert "charging only" in page
    assert "No token has a permit of its own" in page
    none = await ada.post("/permits/set", token="ADA", decided="yes")
    assert none.status_code == 422
    assert 'id="problem-modes"' in none.text
    nobody = await ada.post("/permits/set", decided="yes", DC="yes")
    assert 'id="problem-token"' in nobody.text
    done = await ada.post("/permits/set", token="ADA", decided="yes", DC_BPT="yes", DC="yes")
    assert done.headers["hx-refresh"] == "true"
    v2x = console.desk.services.v2x
    modes = (EnergyTransfer.DC, EnergyTransfer.DC_BPT)
    assert await v2x.permit(DEFAULT_OPERATOR, "ada") == TransferPermit(token="ADA", modes=modes)
    assert "may discharge" in read(await ada.get("/permits"))
    assert 'name="DC_BPT" value="yes" checked' in (await ada.get("/permits/set?token=ADA")).text
    await ada.post("/permits/set", everybody="yes", decided="no")
    assert (await v2x.permit(DEFAULT_OPERATOR, "BOB")).modes is None
    assert "not decided" in read(await ada.get("/permits"))
    await ada.post("/permits/remove", token="ADA")
    await ada.post("/permits/remove")
    assert (await v2x.permit(DEFAULT_OPERATOR, "ADA")).modes == CHARGING_ONLY


async def test_what_a_running_transaction_may_do_is_changed(olga, console, station, path):
    number = await console.charged(station, ended=False)
    page = read(await olga.get(path))
    assert "charging only" in page
    assert "AC, three phases" in page
    dialog = await olga.get(f"/transactions/{number}/transfer")
    assert 'name="DC" value="yes" checked' in dialog.text
    assert (await olga.post(f"/transactions/{number}/transfer")).status_code == 422
    rejected = Outcome(result=Result.ANSWERED, status="Rejected", accepted=False)
    console.stations.answers["NotifyAllowedEnergyTransfer"] = rejected
    answer = await olga.post(f"/transactions/{number}/transfer", DC_BPT="yes")
    assert "The station refused" in read(answer)
    (sent,) = asked(console, NotifyAllowedEnergyTransfer)
    assert sent.modes == (EnergyTransfer.DC_BPT,)
    ended = await console.charged(station, ended=True, token="BOB")
    assert (await olga.get(f"/transactions/{ended}/transfer")).status_code == 404


async def test_a_viewer_decides_nothing(vera, station, path):
    page = read(await vera.get(path))
    for button in ("Set a grid control", "Send a signal", "Let a driver swap batteries"):
        assert button not in page, button
    for address in ("control", "clear", "signal", "swap"):
        assert (await vera.get(f"{path}/{address}")).status_code == 403, address
    assert (await vera.post("/permits/set", token="ADA")).status_code == 403
    assert (await vera.get("/permits")).status_code == 200
