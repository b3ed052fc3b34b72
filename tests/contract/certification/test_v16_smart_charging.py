"""1.6: charging profiles."""

from __future__ import annotations

from typing import Any

from tests.contract.certification.test_k_smart_charging import at, held, profile, put
from tests.support.rig import Rig, ScriptedStation, case, now

ACCEPTED = {"status": "Accepted"}


async def obedient(rig: Rig) -> ScriptedStation:
    station = await rig.station("1.6")
    for action in ("SetChargingProfile", "ClearChargingProfile", "RemoteStartTransaction"):
        station.answers(action, ACCEPTED)
    return station


async def charging(rig: Rig, station: ScriptedStation, token: str = "") -> int:
    token = token or await rig.token()
    body = {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": now()}
    return int((await station.call("StartTransaction", body))["transactionId"])


@case("TC_056_CSMS")
async def test_a_default_profile(rig: Rig) -> None:
    station = await obedient(rig)
    one = profile(limit=6.0, valid_from=at(), valid_to=at(3600), schedule={"duration": 3600})
    assert (await put(rig, station, 1, one))["accepted"]
    asked = await station.expect("SetChargingProfile")
    sent = asked["csChargingProfiles"]
    assert asked["connectorId"] == 1
    assert (sent["chargingProfilePurpose"], sent["chargingProfileKind"]) == (
        "TxDefaultProfile",
        "Absolute",
    )
    assert "transactionId" not in sent
    assert sent["validFrom"] < sent["validTo"]
    schedule = sent["chargingSchedule"]
    assert (schedule["duration"], schedule["chargingRateUnit"]) == (3600, "A")
    assert schedule["startSchedule"]
    assert schedule["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 6.0, "numberPhases": 1}
    ]


@case("TC_057_CSMS")
async def test_a_profile_of_a_running_transaction(rig: Rig) -> None:
    station = await obedient(rig)
    number = await charging(rig, station)
    assert (await put(rig, station, 1, profile("TxProfile", kind="Relative")))["accepted"]
    asked = await station.expect("SetChargingProfile")
    assert asked["connectorId"] == 1
    assert asked["csChargingProfiles"]["transactionId"] == number
    assert asked["csChargingProfiles"]["chargingProfilePurpose"] == "TxProfile"


@case("TC_059_CSMS")
async def test_a_remote_start_with_a_profile(rig: Rig) -> None:
    station = await obedient(rig)
    token = await rig.token()
    body = {"token": token, "evse": 1, "profile": profile("TxProfile", kind="Relative")}
    assert (await rig.post(f"/stations/{station.id}/start", body))["accepted"]
    asked = await station.expect("RemoteStartTransaction")
    sent = asked["chargingProfile"]
    assert (asked["idTag"], asked["connectorId"]) == (token, 1)
    assert sent["chargingProfilePurpose"] == "TxProfile"
    assert "transactionId" not in sent
    assert sent["chargingSchedule"]["chargingSchedulePeriod"][0]["startPeriod"] == 0
    number = await charging(rig, station, token)
    (one,) = await held(rig, station)
    assert one["profile"]["transaction_id"] == str(number)


@case("TC_066_CSMS")
async def test_the_composite_schedule(rig: Rig) -> None:
    station = await obedient(rig)
    await put(rig, station, 1, profile(limit=10.0, period={"number_phases": 3}))

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        period = {"startPeriod": 0, "limit": 10.0, "numberPhases": 3}
        schedule = {
            "duration": asked["duration"],
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [period],
        }
        return {
            "status": "Accepted",
            "connectorId": asked["connectorId"],
            "scheduleStart": now(),
            "chargingSchedule": schedule,
        }

    station.answers("GetCompositeSchedule", answer)
    path = f"/stations/{station.id}/composite-schedule?evse=1&duration=300&unit=A"
    found = await rig.post(path)
    assert await station.expect("GetCompositeSchedule") == {
        "connectorId": 1,
        "duration": 300,
        "chargingRateUnit": "A",
    }
    assert found["differences"] == []
    assert found["theirs"]["periods"][0]["limit"] == found["ours"]["periods"][0]["limit"] == 10.0


async def test_an_answer_whose_unit_nobody_knows_is_told_as_malformed(rig: Rig) -> None:
    station = await obedient(rig)
    schedule = {
        "duration": 300,
        "chargingRateUnit": "HP",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
    }
    answer = {"status": "Accepted", "connectorId": 1, "scheduleStart": now()}
    station.answers("GetCompositeSchedule", {**answer, "chargingSchedule": schedule})
    path = f"/stations/{station.id}/composite-schedule?evse=1&duration=300&unit=A"
    found = await rig.post(path)
    assert found["theirs"] is None
    assert found["answer"]["result"] == "malformed"
    assert "HP" in found["answer"]["description"]


@case("TC_067_CSMS")
async def test_three_profiles_are_set_and_cleared(rig: Rig) -> None:
    station = await obedient(rig)
    await charging(rig, station)
    await put(rig, station, 0, profile("ChargingStationMaxProfile", 10.0, id=1))
    await put(rig, station, 1, profile(limit=8.0, id=2))
    await put(rig, station, 1, profile("TxProfile", 6.0, id=3, kind="Relative"))
    assert [
        a["csChargingProfiles"]["chargingProfileId"] for a in station.asked("SetChargingProfile")
    ] == [1, 2, 3]
    purposes = [
        a["csChargingProfiles"]["chargingProfilePurpose"]
        for a in station.asked("SetChargingProfile")
    ]
    assert purposes == ["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]
    clear = f"/stations/{station.id}/charging-profiles/clear"
    await rig.post(clear, {"id": 3})
    assert await station.expect("ClearChargingProfile") == {"id": 3}
    await rig.post(clear, {"evse": 1, "purpose": "TxDefaultProfile", "stack_level": 0})
    assert await station.expect("ClearChargingProfile") == {
        "connectorId": 1,
        "chargingProfilePurpose": "TxDefaultProfile",
        "stackLevel": 0,
    }
    await rig.post(clear, {"purpose": "ChargingStationMaxProfile"})
    assert await station.expect("ClearChargingProfile") == {
        "chargingProfilePurpose": "ChargePointMaxProfile"
    }
    assert await held(rig, station) == []


async def test_limits_have_one_digit_and_never_become_more(rig: Rig) -> None:
    station = await obedient(rig)
    result = await put(rig, station, 1, profile(limit=8.19))
    assert "1 digit" in result["changes"][0]
    asked = await station.expect("SetChargingProfile")
    schedule = asked["csChargingProfiles"]["chargingSchedule"]
    assert schedule["chargingSchedulePeriod"][0]["limit"] == 8.1


async def test_what_1_6_has_no_words_for(rig: Rig) -> None:
    station = await obedient(rig)
    for one, words in (
        (profile("PriorityCharging", kind="Relative"), "purpose PriorityCharging"),
        (profile(kind="Dynamic"), "kind Dynamic"),
        (profile(schedule={"randomized_delay": 60}), "randomized_delay"),
        (profile(max_offline_duration=60), "max_offline_duration"),
    ):
        result = await put(rig, station, 1, one)
        assert (result["result"], words in result["description"]) == ("unsupported", True)
    fetched = await rig.post(f"/stations/{station.id}/charging-profiles/fetch")
    assert fetched["state"] == "failed"


async def test_a_profile_of_the_same_place_replaces_whatever_its_validity(rig: Rig) -> None:
    station = await obedient(rig)
    await put(rig, station, 1, profile(id=1, valid_to=at(60)))
    assert (await put(rig, station, 1, profile(id=2, valid_from=at(3600))))["accepted"]
    assert [p["profile"]["id"] for p in await held(rig, station)] == [2]
    assert (await put(rig, station, 0, profile(id=3)))["accepted"]  # 3.13.1: both may stand


async def test_quirks_of_a_family_are_lived_with(rig: Rig) -> None:
    station = await obedient(rig)
    quirks = {"rate_unit": "W", "stack_levels": [0], "max_periods": 1}
    await rig.patch(f"/stations/{station.id}/quirks", quirks)
    one = profile(limit=10.0, stack_level=3)
    one["schedules"][0]["periods"] = [
        {"start_period": 0, "limit": 10.0},
        {"start_period": 600, "limit": 8.0},
    ]
    result = await put(rig, station, 1, one)
    sent = (await station.expect("SetChargingProfile"))["csChargingProfiles"]
    assert (sent["stackLevel"], sent["chargingSchedule"]["chargingRateUnit"]) == (0, "W")
    assert sent["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 5520.0}
    ]
    assert len(result["changes"]) == 3
