"""Q, bidirectional power transfer: the cases of 2.1."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.charging import Charge, able, seen
from tests.support.rig import Rig, ScriptedStation, case, now

ABLE = {
    ("ISO15118Ctrlr", "Enabled", ""): "true",
    ("V2XChargingCtrlr", "Enabled", ""): "true",
    ("V2XChargingCtrlr", "SupportedEnergyTransferModes", ""): "DC,DC_BPT",
}


async def permit(rig: Rig, token: str, modes: list[str] | None) -> None:
    await rig.put(f"/energy-transfer/{token}", {"modes": modes})


async def v2x_station(rig: Rig) -> ScriptedStation:
    station = await rig.station("2.1")
    await able(rig, station, ABLE)
    station.answers("SetChargingProfile", {"status": "Accepted"})
    return station


async def charging(rig: Rig, modes: list[str] | None) -> tuple[ScriptedStation, Charge]:
    """A transaction of a driver who may do this."""
    token = await rig.token()
    await permit(rig, token, modes)
    station = await v2x_station(rig)
    charge = Charge(station, token)
    await charge.begin()
    return station, charge


async def needs(station: ScriptedStation, mode: str) -> dict[str, Any]:
    return await station.call(
        "NotifyEVChargingNeeds",
        {
            "evseId": 1,
            "timestamp": now(),
            "chargingNeeds": {
                "requestedEnergyTransfer": mode,
                "availableEnergyTransfer": ["DC", "DC_BPT"],
                "controlMode": "ScheduledControl",
                "v2xChargingParameters": {
                    "maxChargePower": 11000.0,
                    "minChargePower": 1000.0,
                    "maxDischargePower": 10000.0,
                    "evTargetEnergyRequest": 20000.0,
                },
            },
        },
    )


async def profile(
    rig: Rig, station: ScriptedStation, charge: Charge, **about: Any
) -> dict[str, Any]:
    """Set a TxProfile of one period; what the station was sent."""
    period = {"start_period": 0, **about.pop("period")}
    body = {
        "evse": 1,
        "profile": {
            "id": 77,
            "stack_level": 1,
            "purpose": "TxProfile",
            "kind": about.pop("kind", "Absolute"),
            "transaction_id": charge.reference,
            "schedules": [
                {
                    "id": 1,
                    "unit": "W",
                    "start_schedule": about.pop("start", now()),
                    "periods": [period],
                }
            ],
            **about,
        },
    }
    result = await rig.post(f"/stations/{station.id}/charging-profiles", body)
    assert result["accepted"], result
    return dict(station.asked("SetChargingProfile")[-1]["chargingProfile"])


@case("TC_Q_102_CSMS")
async def test_the_authorisation_says_which_transfers_are_allowed(rig: Rig) -> None:
    """Q01.FR.01: what the driver may and the station can; Q01.FR.08, Q02.FR.03: nothing while it is not decided."""
    token = await rig.token()
    asked = {"idToken": {"idToken": token, "type": "ISO14443"}}
    station = await rig.station("2.1")
    await permit(rig, token, ["AC_BPT", "DC", "DC_BPT"])
    assert "allowedEnergyTransfer" not in await station.call("Authorize", asked)
    await able(rig, station, ABLE)
    answer = await station.call("Authorize", asked)
    assert answer["allowedEnergyTransfer"] == ["DC", "DC_BPT"]
    await permit(rig, token, None)
    assert "allowedEnergyTransfer" not in await station.call("Authorize", asked)
    await rig.delete(f"/energy-transfer/{token}")
    answer = await station.call("Authorize", asked)
    assert answer["allowedEnergyTransfer"] == ["DC"]


@case("TC_Q_103_CSMS")
@pytest.mark.parametrize(
    ("modes", "wanted", "status"),
    [
        (["DC"], "DC_BPT", "Rejected"),
        (None, "DC_BPT", "Rejected"),
        (["DC", "DC_BPT"], "DC_BPT", "Accepted"),
        (["DC"], "DC", "Accepted"),
    ],
)
async def test_charging_needs_are_judged(
    rig: Rig, modes: list[str] | None, wanted: str, status: str
) -> None:
    """Q01.FR.04, Q01.FR.07."""
    station, _ = await charging(rig, modes)
    answer = await needs(station, wanted)
    assert answer["status"] in (("Accepted", "Processing") if status == "Accepted" else (status,))


@case("TC_Q_107_CSMS")
async def test_charging_only_first_and_discharging_later(rig: Rig) -> None:
    """Q02.FR.01, Q02.FR.02: a plain profile while only charging is asked for; Q02.FR.05: then it is allowed."""
    station, charge = await charging(rig, None)
    assert (await needs(station, "DC"))["status"] in ("Accepted", "Processing")
    sent = (await station.expect("SetChargingProfile"))["chargingProfile"]
    for period in sent["chargingSchedule"][0]["chargingSchedulePeriod"]:
        assert period.get("operationMode", "ChargingOnly") == "ChargingOnly"
        assert not {f for f in period if f.startswith(("dischargeLimit", "setpoint"))}
    row = await seen(rig, charge)
    station.answers("NotifyAllowedEnergyTransfer", {"status": "Accepted"})
    answer = await rig.post(
        f"/transactions/{row['id']}/energy-transfer", {"modes": ["DC", "DC_BPT"]}
    )
    assert answer["accepted"]
    assert station.asked("NotifyAllowedEnergyTransfer") == [
        {"transactionId": charge.reference, "allowedEnergyTransfer": ["DC", "DC_BPT"]}
    ]
    assert (await needs(station, "DC_BPT"))["status"] in ("Accepted", "Processing")


async def test_a_change_that_the_station_refuses_does_not_count(rig: Rig) -> None:
    station, charge = await charging(rig, ["DC"])
    row = await seen(rig, charge)
    station.answers("NotifyAllowedEnergyTransfer", {"status": "Rejected"})
    path = f"/transactions/{row['id']}/energy-transfer"
    assert not (await rig.post(path, {"modes": ["DC_BPT"]}))["accepted"]
    assert (await needs(station, "DC_BPT"))["status"] == "Rejected"


@case("TC_Q_108_CSMS")
async def test_central_control_by_schedule(rig: Rig) -> None:
    """Q03.FR.01, Q03.FR.02: CentralSetpoint, and no limits beside the setpoint."""
    station, charge = await charging(rig, ["DC_BPT"])
    period = {"operation_mode": "CentralSetpoint", "setpoint": -5000}
    sent = await profile(rig, station, charge, period=period)
    (period_sent,) = sent["chargingSchedule"][0]["chargingSchedulePeriod"]
    assert (period_sent["operationMode"], period_sent["setpoint"]) == ("CentralSetpoint", -5000.0)
    assert not {f for f in period_sent if f.startswith(("limit", "dischargeLimit"))}


@case("TC_Q_109_CSMS", "TC_Q_117_CSMS")
@pytest.mark.parametrize("mode", ["CentralSetpoint", "CentralFrequency"])
async def test_a_setpoint_is_pushed(rig: Rig, mode: str) -> None:
    station, charge = await charging(rig, ["DC_BPT"])
    period = {"operation_mode": mode, "setpoint": 3000}
    sent = await profile(rig, station, charge, period=period, kind="Dynamic", start=None)
    assert sent["chargingProfileKind"] == "Dynamic"
    station.answers("UpdateDynamicSchedule", {"status": "Accepted"})
    path = f"/stations/{station.id}/charging-profiles/{sent['id']}/update"
    assert (await rig.post(path, {"setpoint": -2500}))["accepted"]
    (asked,) = station.asked("UpdateDynamicSchedule")
    assert asked == {"chargingProfileId": sent["id"], "scheduleUpdate": {"setpoint": -2500.0}}


@case("TC_Q_110_CSMS")
async def test_a_setpoint_is_pulled(rig: Rig) -> None:
    station, charge = await charging(rig, ["DC_BPT"])
    period = {"operation_mode": "CentralSetpoint", "setpoint": 3000}
    sent = await profile(
        rig, station, charge, period=period, kind="Dynamic", start=None, dyn_update_interval=5
    )
    assert sent["dynUpdateInterval"] == 5
    path = f"/stations/{station.id}/charging-profiles/{sent['id']}/update?push=false"
    assert (await rig.post(path, {"setpoint": -1000}))["accepted"]
    answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": sent["id"]})
    assert answer["status"] == "Accepted"
    assert answer["scheduleUpdate"]["setpoint"] == -1000.0


@case("TC_Q_120_CSMS", "TC_Q_121_CSMS")
async def test_local_frequency_support_with_the_grid_operators_signal(rig: Rig) -> None:
    station, charge = await charging(rig, ["DC_BPT"])
    period = {
        "operation_mode": "LocalFrequency",
        "v2x_baseline": 0,
        "v2x_freq_watt_curve": [
            {"frequency": 49.8, "power": -10000},
            {"frequency": 50.2, "power": 10000},
        ],
        "v2x_signal_watt_curve": [{"signal": -1, "power": -2000}, {"signal": 1, "power": 2000}],
    }
    sent = await profile(rig, station, charge, period=period)
    (period_sent,) = sent["chargingSchedule"][0]["chargingSchedulePeriod"]
    assert period_sent["operationMode"] == "LocalFrequency"
    assert len(period_sent["v2xFreqWattCurve"]) == 2
    assert period_sent["v2xSignalWattCurve"][1] == {"signal": 1, "power": 2000.0}
    station.answers("AFRRSignal", [{"status": "Accepted"}, {"status": "Rejected"}])
    path = f"/stations/{station.id}/afrr-signal"
    assert (await rig.post(path, {"signal": 1}))["accepted"]
    assert not (await rig.post(path, {"signal": -1, "at": now()}))["accepted"]
    assert [asked["signal"] for asked in station.asked("AFRRSignal")] == [1, -1]


@case("TC_Q_124_CSMS")
async def test_local_load_balancing(rig: Rig) -> None:
    station, charge = await charging(rig, ["DC_BPT"])
    sent = await profile(rig, station, charge, period={"operation_mode": "LocalLoadBalancing"})
    (period_sent,) = sent["chargingSchedule"][0]["chargingSchedulePeriod"]
    assert period_sent["operationMode"] == "LocalLoadBalancing"


async def test_energy_in_both_directions_is_shown(rig: Rig) -> None:
    station, charge = await charging(rig, ["DC", "DC_BPT"])
    for imported, exported in ((1000.0, 0.0), (1500.0, 0.0), (1500.0, 700.0)):
        values = [
            {"value": imported, "measurand": "Energy.Active.Import.Register"},
            {"value": exported, "measurand": "Energy.Active.Export.Register"},
        ]
        await charge.event(
            "Updated",
            "MeterValuePeriodic",
            meterValue=[{"timestamp": now(), "sampledValue": values}],
            info={"operationMode": "CentralSetpoint"},
        )
    (shown,) = (await rig.get(f"/stations/{station.id}/v2x"))["items"]
    assert (shown["imported_wh"], shown["exported_wh"]) == (500.0, 700.0)
    assert (shown["mode"], shown["allowed"]) == ("CentralSetpoint", ["DC", "DC_BPT"])
