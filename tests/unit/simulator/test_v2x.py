"""Cars that give back: what steers them, how far they go, and what is told and measured of it (2.1, block Q)."""

import pytest

from releve.simulator import ManualClock, external
from releve.simulator.car import CAR_MODELS, Car
from releve.simulator.electrical import Unit, dc
from releve.simulator.profiles.model import Mode, Period, Profile, Purpose, Schedule
from releve.simulator.profiles.steering import Signals, interpolated, steering
from tests.unit.simulator.profile_makers import T0, at
from tests.unit.simulator.profile_makers import profile as limiting

BOTH = CAR_MODELS["bidirectional"]
DUPLEX = "Citrea Duplex 22"
SUPPLY = dc(22, discharge_kw=11)


def period(mode, **more):
    return {"startPeriod": 0, "operationMode": mode, **more}


def profile(*periods, purpose="TxDefaultProfile", unit="W", **more):
    schedule = {
        "id": 1,
        "chargingRateUnit": unit,
        "startSchedule": "2020-01-01T00:00:00Z",
        "chargingSchedulePeriod": list(periods),
    }
    if more.get("chargingProfileKind") == "Dynamic":
        del schedule["startSchedule"]
    return {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
        **more,
    }


def allowing(csms, *modes):
    csms.replies["Authorize"] = lambda _: {
        "idTokenInfo": {"status": "Accepted"},
        "allowedEnergyTransfer": list(modes),
    }
    csms.replies["NotifyEVChargingNeeds"] = lambda _: {"status": "Accepted"}


async def charging(csms, switch_on, clock, car=None, modes=("DC", "DC_BPT")):
    """A station at which a bidirectional car charges, its needs told."""
    if modes:
        allowing(csms, *modes)
    else:
        csms.replies["NotifyEVChargingNeeds"] = lambda _: {"status": "Accepted"}
    station = await switch_on(csms, "2.1", model=DUPLEX, clock=clock)
    await station.start(car=car or Car(BOTH, 0.6, 0.9))
    await told(clock, station)
    return station


async def told(clock, station):
    await clock.advance(3)
    await station.wait_for("needs")


async def put(csms, station, wanted, evse=1):
    answer = await csms.call("SetChargingProfile", {"evseId": evse, "chargingProfile": wanted})
    assert answer == {"status": "Accepted"}, answer


async def test_a_car_follows_a_setpoint_in_both_directions(csms, switch_on):
    clock = ManualClock()
    station = await charging(csms, switch_on, clock)
    evse = station.evse()
    assert evse.meter.flow.power_w == pytest.approx(22_000)

    await put(csms, station, profile(period("CentralSetpoint", setpoint=-8000)))
    assert evse.meter.flow.power_w == -8000
    before_soc, before_wh = evse.car.soc, station.meter_wh()
    await clock.advance(900)
    assert station.meter_wh() == before_wh  # nothing more goes in
    assert evse.meter.export_wh == pytest.approx(2000, abs=10)
    assert before_soc - evse.car.soc == pytest.approx(2000 / 0.95 / 62_000, abs=1e-3)
    assert evse.charging_state == "Charging"

    await put(csms, station, profile(period("CentralSetpoint", setpoint=5000)))
    assert evse.meter.flow.power_w == pytest.approx(5000)
    await put(csms, station, profile(period("Idle")))
    assert (evse.meter.flow.power_w, evse.charging_state) == (0, "SuspendedEVSE")
    await put(csms, station, profile(period("ChargingOnly", limit=6000)))
    assert evse.meter.flow.power_w == pytest.approx(6000)
    modes = [
        (event["triggerReason"], event["transactionInfo"]["operationMode"])
        for event in await events(csms, station)
        if "operationMode" in event["transactionInfo"]
    ]
    assert modes == [
        ("OperationModeChanged", "CentralSetpoint"),
        ("OperationModeChanged", "Idle"),
        ("OperationModeChanged", "ChargingOnly"),
    ]  # K01.FR.110


async def events(csms, station):
    await station.delivered()
    return csms.sent("TransactionEvent")


async def test_discharging_stops_at_the_drivers_minimum(csms, switch_on):
    clock = ManualClock()
    station = await charging(csms, switch_on, clock, Car(BOTH, 0.32, 0.9, min_soc=0.3))
    await put(csms, station, profile(period("CentralSetpoint", setpoint=-11_000)))
    assert station.evse().meter.flow.power_w < 0
    await clock.advance(900)
    evse = station.evse()
    assert evse.car.soc == pytest.approx(0.3)
    assert (evse.meter.flow.power_w, evse.charging_state) == (0, "SuspendedEV")
    assert (
        1000 < evse.meter.export_wh < 1700
    )  # 2 % of 62 kWh, and what had been charged, less the losses
    await put(csms, station, profile(period("CentralSetpoint", setpoint=4000)))
    assert evse.meter.flow.power_w == pytest.approx(4000)


@pytest.mark.parametrize(
    ("told", "flows"), [({}, -11_000), ({"dischargeLimit": -3000}, -3000), ({"limit": 0}, -11_000)]
)
async def test_no_more_comes_back_than_is_allowed_and_possible(csms, switch_on, told, flows):
    station = await charging(csms, switch_on, ManualClock())
    await put(csms, station, profile(period("CentralSetpoint", setpoint=-50_000, **told)))
    assert station.evse().meter.flow.power_w == flows


async def test_a_car_gives_back_only_where_that_is_agreed(csms, switch_on):
    clock = ManualClock()
    station = await charging(csms, switch_on, clock, modes=("DC",))
    (asked,) = csms.sent("NotifyEVChargingNeeds")
    needs = asked["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "DC"
    assert needs["availableEnergyTransfer"] == ["DC", "DC_BPT"]
    await put(csms, station, profile(period("CentralSetpoint", setpoint=-8000)))
    evse = station.evse()
    assert (evse.meter.flow.power_w, evse.charging_state) == (0, "SuspendedEVSE")

    key = evse.transaction.key
    allow = {"transactionId": key, "allowedEnergyTransfer": ["DC", "DC_BPT"]}
    answer = await csms.call("NotifyAllowedEnergyTransfer", allow)
    assert answer == {"status": "Accepted"}
    again = await csms.wait_for("NotifyEVChargingNeeds", 2)  # Q02: it renegotiates
    assert again["chargingNeeds"]["requestedEnergyTransfer"] == "DC_BPT"
    await station.wait_for("needs")
    assert evse.meter.flow.power_w == -8000
    unknown = await csms.call("NotifyAllowedEnergyTransfer", {**allow, "transactionId": "nope"})
    assert unknown["status"] == "Rejected"


async def test_what_a_bidirectional_car_needs(csms, switch_on):
    await charging(csms, switch_on, ManualClock(), Car(BOTH, 0.5, 0.8, min_soc=0.4))
    (asked,) = csms.sent("NotifyEVChargingNeeds")
    needs = asked["chargingNeeds"]
    assert needs["requestedEnergyTransfer"] == "DC_BPT"
    assert (needs["controlMode"], needs["mobilityNeedsMode"]) == ("DynamicControl", "EVCC")
    told = needs["v2xChargingParameters"]
    assert told["maxDischargePower"] == 11_000
    assert told["maxChargePower"] == 22_000
    assert told["evTargetEnergyRequest"] == pytest.approx(0.3 * 62_000, abs=50)
    assert told["evMinEnergyRequest"] == pytest.approx(-0.1 * 62_000, abs=50)
    assert told["targetSoC"] == 80


async def test_refused_to_give_back_it_charges_and_refused_altogether_it_leaves(csms, switch_on):
    clock = ManualClock()
    allowing(csms, "DC", "DC_BPT")
    csms.replies["NotifyEVChargingNeeds"] = lambda asked: {
        "status": "Accepted"
        if asked["chargingNeeds"]["requestedEnergyTransfer"] == "DC"
        else "Rejected"
    }
    station = await switch_on(csms, "2.1", model=DUPLEX, clock=clock)
    await station.start(car=Car(BOTH, 0.6, 0.9))
    await clock.advance(3)
    await csms.wait_for("NotifyEVChargingNeeds", 2)  # Q01.FR.05
    await station.wait_for("needs", lambda h: h.data["transfer"] == "DC")
    assert station.evse().transaction.transfer == "DC"

    csms.replies["NotifyEVChargingNeeds"] = lambda _: {"status": "Rejected"}
    await station.start(evse=2, token="BOB", car=Car(BOTH, 0.6, 0.9))
    await clock.advance(3)
    await station.wait_for("transaction-ended")
    last = (await events(csms, station))[-1]
    assert last["triggerReason"] == "AbnormalCondition"
    assert last["transactionInfo"]["stoppedReason"] == "ReqEnergyTransferRejected"  # Q01.FR.06


async def test_both_registers_are_sampled_and_told_at_the_end(csms, switch_on):
    clock = ManualClock()
    station = await charging(csms, switch_on, clock)
    await put(csms, station, profile(period("CentralSetpoint", setpoint=-6000)))
    await clock.advance(600)
    await station.stop()
    sent = await events(csms, station)
    started, ended = sent[0], sent[-1]
    periodic = next(e for e in sent if e["triggerReason"] == "MeterValuePeriodic")
    values = {
        one.get("measurand", "Energy.Active.Import.Register"): one["value"]
        for one in periodic["meterValue"][0]["sampledValue"]
        if "phase" not in one
    }
    assert values["Power.Active.Export"] == 6000
    assert values["Power.Active.Import"] == 0
    assert register(started, 0) == 0
    assert register(ended, -1) == pytest.approx(1000, abs=12)


def register(event, which):
    values = event["meterValue"][which]["sampledValue"]
    (found,) = [v["value"] for v in values if v.get("measurand") == "Energy.Active.Export.Register"]
    return found


async def test_other_cars_and_stations_sample_nothing_of_it(csms, switch_on):
    station = await switch_on(csms, "2.1", model=DUPLEX)
    await station.start(car=Car(CAR_MODELS["family"], 0.5))
    await station.start(evse=2, token="BOB", car=Car(CAR_MODELS["limousine"], 0.5))
    for event in await events(csms, station):
        for value in event.get("meterValue", []):
            assert not [v for v in value["sampledValue"] if "Export" in v.get("measurand", "")]
    plain = await switch_on(csms, "2.1", identity="CP-2", model="Citrea Hyper 180")
    wanted = profile(period("CentralSetpoint", setpoint=-1000))
    answer = await csms.call("SetChargingProfile", {"evseId": 1, "chargingProfile": wanted})
    assert answer["statusInfo"]["reasonCode"] == "UnsupportedParam"
    assert plain.evse().mode is None


async def test_a_setpoint_is_updated_while_it_runs(csms, switch_on):
    station = await charging(csms, switch_on, ManualClock())
    one = period("CentralFrequency", setpoint=2000)
    await put(csms, station, profile(one, chargingProfileKind="Dynamic"))
    update = {"chargingProfileId": 1, "scheduleUpdate": {"setpoint": -2500}}
    assert await csms.call("UpdateDynamicSchedule", update) == {"status": "Accepted"}
    assert station.evse().meter.flow.power_w == -2500
    update["scheduleUpdate"] = {"dischargeLimit": -1500}
    await csms.call("UpdateDynamicSchedule", update)
    assert station.evse().meter.flow.power_w == -1500


async def test_the_grids_frequency_and_its_operators_signal_steer(csms, switch_on):
    clock = ManualClock()
    station = await charging(csms, switch_on, clock)
    one = period(
        "LocalFrequency",
        v2xBaseline=-4000,
        v2xFreqWattCurve=[{"frequency": 49.0, "power": 0}, {"frequency": 51.0, "power": 0}],
        v2xSignalWattCurve=[{"signal": -1, "power": -2000}, {"signal": 1, "power": 2000}],
    )
    await put(csms, station, profile(one))
    assert station.evse().meter.flow.power_w == -4000
    now = station.station.now()
    sent = {"timestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}", "signal": -1}
    assert await csms.call("AFRRSignal", sent) == {"status": "Accepted"}
    await clock.advance(2)
    assert station.evse().meter.flow.power_w == -6000


async def test_an_energy_manager_asks_and_lets_go_again(csms, switch_on):
    clock = ManualClock()
    station = await charging(csms, switch_on, clock)
    await station.start(evse=2, token="BOB", car=Car(BOTH, 0.6, 0.9))
    await clock.advance(3)
    await csms.wait_for("NotifyEVChargingNeeds", 2)
    await station.wait_for("needs", lambda h: h.evse == 2)
    await external.steer(station.station, -10_000)
    assert [station.evse(n).meter.flow.power_w for n in (1, 2)] == [-5000, -5000]  # shared
    notice = await csms.wait_for("NotifyChargingLimit")
    (sent,) = notice["chargingSchedule"][0]["chargingSchedulePeriod"]
    assert (sent["operationMode"], sent["setpoint"]) == ("ExternalSetpoint", -10_000)
    await external.lift(station.station)
    assert station.evse().meter.flow.power_w > 0
    await csms.wait_for("ClearedChargingLimit")


async def test_the_composite_tells_modes_and_setpoints_within_their_limits(csms, switch_on):
    station = await charging(csms, switch_on, ManualClock())
    one = period("CentralSetpoint", setpoint=-9000, dischargeLimit=-7000)
    await put(csms, station, profile(one))
    asked = {"evseId": 1, "duration": 60, "chargingRateUnit": "W"}
    (told,) = (await csms.call("GetCompositeSchedule", asked))["schedule"]["chargingSchedulePeriod"]
    assert (told["operationMode"], told["setpoint"]) == ("CentralSetpoint", -7000)
    await csms.call("GetChargingProfiles", {"requestId": 1, "chargingProfile": {}})
    report = await csms.wait_for("ReportChargingProfiles")
    (back,) = report["chargingProfile"][0]["chargingSchedule"][0]["chargingSchedulePeriod"]
    assert back == one  # K09: as it was set


async def test_the_device_model_says_what_the_evse_can(csms, switch_on):
    station = await charging(csms, switch_on, ManualClock())
    await put(csms, station, profile(period("CentralSetpoint", setpoint=-4000)))

    async def value(component, variable):
        asked = {
            "component": {"name": component, "evse": {"id": 1}},
            "variable": {"name": variable},
        }
        answer = await csms.call("GetVariables", {"getVariableData": [asked]})
        return answer["getVariableResult"][0].get("attributeValue")

    assert await value("V2XChargingCtrlr", "SupportedEnergyTransferModes") == "DC,DC_BPT"
    modes = await value("V2XChargingCtrlr", "SupportedOperationModes")
    assert {"ChargingOnly", "CentralSetpoint", "CentralFrequency"} <= set(modes.split(","))
    assert await value("EVSE", "DischargePower") == "4000.0"
    assert await value("ConnectedEV", "ProtocolAgreed") == "urn:iso:std:iso:15118:-20:DC,1.0"
    off = {
        "component": {"name": "V2XChargingCtrlr", "evse": {"id": 1}},
        "variable": {"name": "Enabled"},
        "attributeValue": "false",
    }
    await csms.call("SetVariables", {"setVariableData": [off]})
    assert await value("ConnectedEV", "ProtocolAgreed") == ""


# --- without a station ------------------------------------------------------------------------------------------


def steered(*profiles, **signals):
    return steering(profiles, SUPPLY, at(seconds=10), T0, Signals(**signals))


def one(mode, purpose=Purpose.TX_DEFAULT, unit=Unit.WATT, evse=1, **more):
    base = limiting((0, 0), purpose=purpose, evse=evse, unit=unit, id=hash((mode, purpose)) % 1000)
    made = Period(0, None, mode=mode, **more)
    return Profile(**{**fields(base), "schedule": Schedule(unit, (made,), T0)})


def fields(base):
    return {name: getattr(base, name) for name in base.__dataclass_fields__}


def test_a_setpoint_from_outside_goes_first_and_the_least_discharge_limit_counts():
    own = one(Mode.CENTRAL_SETPOINT, setpoint=-3000, discharge_limit=-2000)
    outside = one(
        Mode.EXTERNAL_SETPOINT, Purpose.EXTERNAL, evse=0, setpoint=-5000, discharge_limit=-4000
    )
    found = steered(own, outside)
    assert (found.setpoint_w, found.discharge_w, found.station_wide) == (-5000, -2000, True)
    assert steered(own).setpoint_w == -3000
    assert steered(limiting((0, 16))) is None


def test_amperes_are_reckoned_over_all_phases_of_a_dc_supply():
    found = steered(one(Mode.CENTRAL_SETPOINT, unit=Unit.AMPERE, setpoint=-10))
    assert found.setpoint_w == -10 * 230 * 3


def test_where_a_profile_leaves_the_choice_to_an_energy_manager():
    assert steered(one(Mode.EXTERNAL_SETPOINT)).setpoint_w is None
    assert steered(one(Mode.EXTERNAL_SETPOINT), setpoint_w=-700.0).setpoint_w == -700


@pytest.mark.parametrize(
    ("x", "value"), [(46, -10), (48.5, -5), (49, 0), (50, 0), (50.5, 5), (51, 10), (60, 10)]
)
def test_curves_are_straight_between_points_and_level_beyond(x, value):
    curve = ((48.0, -10.0), (49.0, 0.0), (50.0, 0.0), (51.0, 10.0))
    assert interpolated(curve, x) == pytest.approx(value)
    assert interpolated((), x) == 0


def test_losses_of_discharging_lie_between_battery_and_meter():
    car = Car(BOTH, 0.5, min_soc=0.4)
    assert car.discharge(950.0) == 950.0
    assert car.soc == pytest.approx(0.5 - 1000 / 62_000)
    given = car.discharge(100_000.0)
    assert given == pytest.approx((0.1 * 62_000 - 1000) * 0.95)
    assert car.soc == pytest.approx(0.4)
