"""E16, E17, F07 of 2.1: limits of either side, who has the last word, who keeps them; resumption."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.charging import Charge, energy, start16, transaction
from tests.support.rig import Rig, ScriptedStation, case


def supports(station: ScriptedStation, limits: str | None) -> None:
    """What the station says when it is asked for TxCtrlr.SupportedLimits."""

    def reply(request: dict[str, Any]) -> dict[str, Any]:
        asked = request["getVariableData"][0]
        result = {"component": asked["component"], "variable": asked["variable"]}
        if limits is None:
            return {"getVariableResult": [result | {"attributeStatus": "UnknownVariable"}]}
        told = {"attributeStatus": "Accepted", "attributeValue": limits or "none"}
        return {"getVariableResult": [result | told]}

    station.answers("GetVariables", reply)


async def limiting(
    rig: Rig, limits: str | None = "maxEnergy,maxTime,maxCost,maxSoC"
) -> ScriptedStation:
    """A 2.1 station of which it is known what limits it keeps."""
    station = await rig.station("2.1")
    supports(station, limits)
    names = [{"component": "TxCtrlr", "variable": "SupportedLimits"}]
    await rig.post(f"/stations/{station.id}/variables/read", {"names": names})
    return station


async def limited(rig: Rig, charge: Charge, **limit: Any) -> dict[str, Any]:
    """Limit a transaction, as the operator."""
    row = await charge.row(rig)
    return dict(await rig.put(f"/transactions/{row['id']}/limits", limit))


@case("TC_E_110_CSMS", "TC_E_111_CSMS")
@pytest.mark.parametrize(
    ("limit", "wire", "reached"),
    [
        ({"energy_wh": 5000}, {"maxEnergy": 5000}, "EnergyLimitReached"),
        ({"time_s": 600}, {"maxTime": 600}, "TimeLimitReached"),
        ({"soc_pct": 80}, {"maxSoC": 80}, "SoCLimitReached"),
        ({"cost": 20.5}, {"maxCost": 20.5}, "CostLimitReached"),
    ],
)
async def test_the_operator_sets_a_limit(
    rig: Rig, limit: dict[str, float], wire: dict[str, float], reached: str
) -> None:
    station = await limiting(rig)
    charge = Charge(station, await rig.token())
    await charge.begin()
    await limited(rig, charge, **limit)

    told = await charge.charging()
    assert told == {"transactionLimit": wire}  # E16.FR.02
    assert await charge.event("Updated", "LimitSet", info={"transactionLimit": wire}) == {}
    assert await charge.metered(3000) == {}  # once is enough
    assert await charge.event("Updated", reached, "SuspendedEVSE") == {}

    limits = (await charge.row(rig))["limits"]
    (kind,) = limit
    assert float(limits["station"][kind]) == limit[kind]
    assert limits["reached"] == kind


@case("TC_E_109_CSMS")
async def test_a_cost_limit_of_the_operator_is_told(rig: Rig) -> None:
    """The cost itself is told by the cost port; see test_i_cost and test_d of the cost block."""
    station = await limiting(rig)
    token = await rig.token()
    found = (await rig.get("/tokens", search=token))["items"][0]
    await rig.put(f"/tokens/{found['id']}/limit", {"cost": 12})
    charge = Charge(station, token)

    answer = await charge.begin()

    assert answer["transactionLimit"] == {"maxCost": 12.0}
    assert (
        await charge.event("Updated", "LimitSet", info={"transactionLimit": {"maxCost": 12.0}})
        == {}
    )


@case("TC_E_106_CSMS", "TC_E_107_CSMS", "TC_E_108_CSMS")
@pytest.mark.parametrize(
    ("wire", "kind", "reached"),
    [
        ({"maxEnergy": 4000}, "energy_wh", "EnergyLimitReached"),
        ({"maxTime": 900}, "time_s", "TimeLimitReached"),
        ({"maxCost": 9.95}, "cost", "CostLimitReached"),
    ],
)
async def test_the_station_sets_a_limit(
    rig: Rig, wire: dict[str, float], kind: str, reached: str
) -> None:
    station = await limiting(rig)
    charge = Charge(station, await rig.token())
    await charge.begin()

    assert await charge.event("Updated", "LimitSet", info={"transactionLimit": wire}) == {}
    limits = (await charge.row(rig))["limits"]
    assert [float(v) for k, v in limits["station"].items() if k == kind] == list(wire.values())
    await charge.charging()
    assert await charge.end(reached, "EnergyLimitReached" if kind == "energy_wh" else "Other") == {}

    assert (await charge.row(rig))["limits"]["reached"] == kind


@case("TC_E_102_CSMS")
async def test_both_set_limits_and_the_operator_has_the_last_word(rig: Rig) -> None:
    station = await limiting(rig)
    charge = Charge(station, await rig.token())
    await charge.begin()
    await limited(rig, charge, energy_wh=10_000, time_s=3600)
    assert (await charge.charging())["transactionLimit"] == {"maxEnergy": 10_000, "maxTime": 3600}
    await charge.event(
        "Updated", "LimitSet", info={"transactionLimit": {"maxEnergy": 10_000, "maxTime": 3600}}
    )

    lower = {"maxEnergy": 8000}  # the driver wants less: his affair
    assert (
        await charge.event("Updated", "LimitSet", info={"transactionLimit": lower}) == {}
    )  # E16.FR.08
    higher = {"maxEnergy": 20_000}
    answer = await charge.event("Updated", "LimitSet", info={"transactionLimit": higher})
    assert answer == {"transactionLimit": {"maxEnergy": 10_000}}  # E16.FR.07
    await limited(rig, charge, energy_wh=6000)
    assert (await charge.metered(2000)) == {"transactionLimit": {"maxEnergy": 6000}}


async def test_a_limit_that_the_station_does_not_keep_is_not_told(rig: Rig) -> None:
    station = await limiting(rig, "maxEnergy")
    station.answers("RequestStopTransaction", {"status": "Accepted"})
    charge = Charge(station, await rig.token())
    await charge.begin()
    await limited(rig, charge, energy_wh=5000, soc_pct=80)

    assert await charge.charging() == {"transactionLimit": {"maxEnergy": 5000}}  # E16.FR.12

    soc = {"value": 81, "measurand": "SoC", "location": "EV"}
    value = energy(2000)
    value["sampledValue"].append(soc)
    await charge.event("Updated", "MeterValuePeriodic", meterValue=[value])
    asked = await station.expect(
        "RequestStopTransaction"
    )  # the system keeps what the station cannot
    assert asked == {"transactionId": charge.id}
    limits = await rig.eventually(lambda: charge.row(rig), lambda row: row["limits"]["stopped"])
    assert limits["limits"]["reached"] == "soc_pct"


@pytest.mark.parametrize("version", ["2.0.1", "1.6"])
async def test_stations_without_limits_are_stopped_by_the_system(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    supports(station, None)
    action = "RemoteStopTransaction" if version == "1.6" else "RequestStopTransaction"
    station.answers(action, {"status": "Accepted"})
    token = await rig.token()
    found = (await rig.get("/tokens", search=token))["items"][0]
    await rig.put(f"/tokens/{found['id']}/limit", {"energy_wh": 500})
    if version == "1.6":
        started = await start16(station, token)
        number = started["transactionId"]
        value = {"timestamp": "2026-03-01T12:00:00Z", "sampledValue": [{"value": "1600"}]}
        value["timestamp"] = energy(0)["timestamp"]
        body = {"connectorId": 1, "transactionId": number, "meterValue": [value]}
        await station.call("MeterValues", body)
    else:
        charge = Charge(station, token)
        assert "transactionLimit" not in await charge.begin()
        await charge.metered(1600)

    assert await station.expect(action)


async def test_a_remote_start_with_a_limit(rig: Rig) -> None:
    station = await limiting(rig)
    station.answers("RequestStartTransaction", {"status": "Accepted"})
    token = await rig.token()

    result = await rig.post(
        f"/stations/{station.id}/start", {"token": token, "limit": {"energy_wh": 7000}}
    )

    assert "transactionLimit" not in station.asked("RequestStartTransaction")[0]  # F07.FR.01
    charge = Charge(station, token)
    answer = await charge.begin("RemoteStart", info={"remoteStartId": result["remote_start_id"]})
    assert answer["transactionLimit"] == {"maxEnergy": 7000}  # F07.FR.02


async def test_an_event_that_comes_again_gets_the_limit_again(rig: Rig) -> None:
    station = await limiting(rig)
    charge = Charge(station, await rig.token())
    await charge.begin()
    await limited(rig, charge, time_s=60)
    payload = {
        "eventType": "Updated",
        "timestamp": "2026-11-26T20:00:00Z",
        "triggerReason": "ChargingStateChanged",
        "seqNo": 1,
        "transactionInfo": {"transactionId": charge.id, "chargingState": "Charging"},
    }
    payload["timestamp"] = energy(0)["timestamp"]

    first = await station.call("TransactionEvent", payload)
    again = await station.call("TransactionEvent", payload)

    assert first == again == {"transactionLimit": {"maxTime": 60}}


async def test_queued_events_confirm_nothing(rig: Rig) -> None:
    """E16.FR.18: what was queued while offline is the past, and answers no limit."""
    station = await limiting(rig)
    charge = Charge(station, await rig.token())
    await charge.begin()
    await limited(rig, charge, energy_wh=5000)
    assert (await charge.metered(1500, offline=True))["transactionLimit"] == {"maxEnergy": 5000}

    past = {"transactionLimit": {"maxEnergy": 9000}}
    assert await charge.event("Updated", "LimitSet", offline=True, info=past) == {}
    assert await charge.event("Updated", "LimitSet", info=past) == {
        "transactionLimit": {"maxEnergy": 5000}
    }


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
async def test_the_driver_is_shown_a_text(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    charge = Charge(station, await rig.token())
    await charge.begin()
    row = await charge.row(rig)
    body = {
        "content": "Mind the step",
        "language": "en",
        "others": [{"language": "fr", "content": "Attention \u00e0 la marche"}],
    }
    await rig.post(f"/transactions/{row['id']}/message", body, status=202)

    answer = await charge.charging()

    shown = {"format": "UTF8", "language": "en", "content": "Mind the step"}
    assert answer["updatedPersonalMessage"] == shown
    extra = answer.get("updatedPersonalMessageExtra", [])
    assert [m["language"] for m in extra] == (["fr"] if version == "2.1" else [])
    assert await charge.metered(1100) == {}


@case("TC_E_113_CSMS")
async def test_a_transaction_is_resumed_after_a_reboot(rig: Rig) -> None:
    station = await rig.station("2.1")
    charge = Charge(station, await rig.token())
    await charge.begin()
    await charge.charging()
    await station.reconnect()
    assert (await station.boot("PowerUp"))["status"] == "Accepted"

    assert await charge.event("Updated", "TxResumed", "Charging", meterValue=[energy(1200)]) == {}
    await charge.metered(1500)
    await charge.end()

    row = await transaction(rig, station, charge.id)
    assert (row["state"], row["complete"], row["energy_wh"]) == ("ended", True, 1000.0)


@case("TC_E_117_CSMS")
async def test_the_profile_of_a_resumed_transaction_is_sent_again(rig: Rig) -> None:
    """E17.FR.15: the station does not keep TxProfiles over an interruption."""
    station = await rig.station("2.1")
    station.answers("SetChargingProfile", {"status": "Accepted"})
    charge = Charge(station, await rig.token())
    await charge.begin()
    await charge.charging()
    schedule = {"unit": "A", "periods": [{"start_period": 0, "limit": 8.0, "number_phases": 1}]}
    profile = {"purpose": "TxProfile", "kind": "Relative", "schedules": [schedule]}
    body = {"evse": 1, "profile": profile}
    assert (await rig.post(f"/stations/{station.id}/charging-profiles", body))["accepted"]
    first = await station.expect("SetChargingProfile")

    await station.reconnect()
    await station.boot("PowerUp")
    await charge.event("Updated", "TxResumed", "Charging")

    again = await station.expect("SetChargingProfile")
    for told in (first["chargingProfile"], again["chargingProfile"]):
        assert (told["chargingProfilePurpose"], told["transactionId"]) == ("TxProfile", charge.id)


async def test_the_operation_mode_is_kept(rig: Rig) -> None:
    station = await rig.station("2.1")
    charge = Charge(station, await rig.token())
    await charge.begin(info={"operationMode": "ChargingOnly"})
    await charge.event("Updated", "OperationModeChanged", info={"operationMode": "CentralSetpoint"})

    assert (await charge.row(rig))["operation_mode"] == "CentralSetpoint"


@pytest.mark.parametrize(
    "limit", [{}, {"energy_wh": -1}, {"cost": -1}, {"soc_pct": 101}, {"power": 3}]
)
async def test_limits_that_make_no_sense(rig: Rig, limit: dict[str, Any]) -> None:
    station = await rig.station("2.1")
    charge = Charge(station, await rig.token())
    await charge.begin()
    row = await charge.row(rig)

    await rig.put(f"/transactions/{row['id']}/limits", limit, status=422)


async def test_what_has_ended_is_not_limited(rig: Rig) -> None:
    station = await rig.station("2.1")
    charge = Charge(station, await rig.token())
    await charge.begin()
    await charge.end()
    row = await charge.row(rig)

    await rig.put(f"/transactions/{row['id']}/limits", {"energy_wh": 1}, status=409)
