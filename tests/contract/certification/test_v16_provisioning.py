"""1.6 core: boots, resets and configuration keys, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.rig import CallFailed, Rig, case

KEYS = [
    {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
    {"key": "NumberOfConnectors", "readonly": True, "value": "2"},
    {"key": "AuthorizationKey", "readonly": False},
    {"key": "AcmeBrightness", "readonly": False, "value": "7"},
]


@case("TC_001_CSMS")
async def test_cold_boot(rig: Rig) -> None:
    station = await rig.station("1.6", boot=False)
    answer = await station.boot()
    assert answer["status"] == "Accepted"
    assert 270 <= answer["interval"] <= 330
    for connector in (0, 1, 2):
        await station.status("Available", connector)
    assert "currentTime" in await station.call("Heartbeat", {})


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        pytest.param("Immediate", "Hard", marks=case("TC_013_CSMS")),
        pytest.param("OnIdle", "Soft", marks=case("TC_014_CSMS")),
    ],
)
async def test_reset(rig: Rig, kind: str, wire: str) -> None:
    station = await rig.station("1.6")
    station.answers("Reset", {"status": "Accepted"})
    result = await rig.post(f"/stations/{station.id}/reset", {"kind": kind})
    assert (result["status"], result["accepted"]) == ("Accepted", True)
    assert station.asked("Reset") == [{"type": wire}]
    await station.reconnect()
    assert (await station.boot())["status"] == "Accepted"
    await station.status("Available")


@case("TC_019_1_CSMS")
async def test_all_configuration_keys(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("GetConfiguration", {"configurationKey": KEYS})
    operation = await rig.post(f"/stations/{station.id}/reports", status=202)
    assert (operation["state"], station.asked("GetConfiguration")) == ("done", [{}])
    known = {v["variable"]: v for v in await variables(rig, station.id)}
    beat = known["HeartbeatInterval"]
    assert (beat["value"], beat["data_type"], beat["unit"]) == ("300", "integer", "s")
    assert known["NumberOfConnectors"]["mutability"] == "ReadOnly"
    assert known["AcmeBrightness"]["data_type"] == ""
    station.answers("GetConfiguration", {"configurationKey": KEYS[:1]})
    await rig.post(f"/stations/{station.id}/reports", status=202)
    assert [v["variable"] for v in await variables(rig, station.id)] == ["HeartbeatInterval"]


@case("TC_019_2_CSMS")
async def test_one_configuration_key(rig: Rig) -> None:
    station = await rig.station("1.6")
    key = {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,SmartCharging"}
    station.answers("GetConfiguration", {"configurationKey": [key]})
    names = [{"variable": "SupportedFeatureProfiles"}]
    result = await rig.post(f"/stations/{station.id}/variables/read", {"names": names})
    assert station.asked("GetConfiguration") == [{"key": ["SupportedFeatureProfiles"]}]
    assert [v["value"] for v in result["variables"]] == ["Core,SmartCharging"]


@case("TC_021_CSMS")
async def test_a_configuration_key_is_changed(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("ChangeConfiguration", {"status": "Accepted"})
    result = await write(rig, station.id, MeterValueSampleInterval="60")
    assert (result["status"], result["accepted"]) == ("Accepted", True)
    change = {"key": "MeterValueSampleInterval", "value": "60"}
    assert station.asked("ChangeConfiguration") == [change]
    assert [v["value"] for v in await variables(rig, station.id)] == ["60"]


@case("TC_040_1_CSMS")
async def test_a_key_that_is_not_supported(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("ChangeConfiguration", {"status": "NotSupported"})
    result = await write(rig, station.id, NoSuchKey="1")
    assert (result["accepted"], result["status"]) == (False, "NotSupported")
    assert result["variables"][0]["status"] == "UnknownVariable"


@case("TC_040_2_CSMS")
async def test_a_value_that_is_rejected(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("ChangeConfiguration", {"status": "Rejected"})
    result = await write(rig, station.id, MeterValueSampleInterval="-1")
    assert (result["accepted"], result["status"]) == (False, "Rejected")
    assert station.asked("ChangeConfiguration")[0]["value"] == "-1"
    assert await variables(rig, station.id) == []


async def test_a_value_that_the_station_is_known_not_to_take_is_not_sent(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("GetConfiguration", {"configurationKey": KEYS})
    station.answers("ChangeConfiguration", {"status": "RebootRequired"})
    await rig.post(f"/stations/{station.id}/reports", status=202)
    refused = await write(rig, station.id, HeartbeatInterval="soon", NumberOfConnectors="3")
    assert refused["result"] == "invalid"
    assert "whole number" in refused["description"]
    assert "only be read" in refused["description"]
    assert station.asked("ChangeConfiguration") == []
    values = [{"variable": "HeartbeatInterval", "value": "soon"}]
    path = f"/stations/{station.id}/variables/write?unchecked=true"
    assert (await rig.post(path, {"values": values}))["status"] == "RebootRequired"
    waiting = [v["variable"] for v in await variables(rig, station.id) if v["reboot_required"]]
    assert waiting == ["HeartbeatInterval"]
    await station.boot()
    assert not any(v["reboot_required"] for v in await variables(rig, station.id))


async def test_keys_are_asked_for_in_as_many_messages_as_the_station_takes(rig: Rig) -> None:
    """GetConfigurationMaxKeys (1.6 9.1)."""
    station = await rig.station("1.6")

    def known(request: dict[str, Any]) -> dict[str, Any]:
        return {
            "configurationKey": [
                {"key": key, "readonly": True, "value": "2"} for key in request["key"]
            ]
        }

    station.answers("GetConfiguration", known)
    first = [{"variable": "GetConfigurationMaxKeys"}]
    await rig.post(f"/stations/{station.id}/variables/read", {"names": first})
    names = [{"variable": f"Key{n}"} for n in range(5)]
    result = await rig.post(f"/stations/{station.id}/variables/read", {"names": names})
    assert (result["accepted"], len(result["variables"])) == (True, 5)
    assert [len(r["key"]) for r in station.asked("GetConfiguration")] == [1, 2, 2, 1]


@pytest.mark.parametrize("decision", ["Pending", "Rejected"])
async def test_a_boot_that_is_not_accepted(rig: Rig, decision: str) -> None:
    """1.6 4.2: nothing but boots, and what was triggered while Pending."""
    station = await rig.station("1.6", boot=False)
    await rig.patch(f"/stations/{station.id}", {"boot": decision})
    assert (await station.boot())["status"] == decision
    with pytest.raises(CallFailed) as refused:
        await station.status("Available")
    assert refused.value.code == "SecurityError"
    station.answers("GetConfiguration", {"configurationKey": KEYS[:1]})
    names = [{"variable": "HeartbeatInterval"}]
    read = await rig.post(f"/stations/{station.id}/variables/read", {"names": names})
    assert read["result"] == ("answered" if decision == "Pending" else "not-allowed")
    await rig.patch(f"/stations/{station.id}", {"boot": "Accepted"})
    assert (await station.boot())["status"] == "Accepted"


async def write(rig: Rig, station: str, **values: str) -> Any:
    """Write configuration keys."""
    told = [{"variable": key, "value": value} for key, value in values.items()]
    return await rig.post(f"/stations/{station}/variables/write", {"values": told})


async def variables(rig: Rig, station: str) -> list[dict[str, Any]]:
    """What the CSMS knows of the station."""
    return list((await rig.get(f"/stations/{station}/variables"))["items"])


async def test_variables_are_filtered_and_exported(rig: Rig) -> None:
    station = await rig.station("1.6")
    told = [*KEYS, {"key": "AcmeNote", "readonly": False, "value": "=1+1"}]
    station.answers("GetConfiguration", {"configurationKey": told})
    await rig.post(f"/stations/{station.id}/reports", status=202)
    path = f"/stations/{station.id}/variables"
    found = (await rig.get(path, search="acme"))["items"]
    assert [v["variable"] for v in found] == ["AcmeBrightness", "AcmeNote"]
    found = (await rig.get(path, mutability="ReadOnly"))["items"]
    assert [v["variable"] for v in found] == ["NumberOfConnectors"]
    found = (await rig.get(path, variable="heartbeatinterval"))["items"]
    assert [v["value"] for v in found] == ["300"]
    text = (await rig.get(f"{path}.csv", search="acmenote")).decode()
    header, line = text.splitlines()
    assert header.startswith("component,component_instance,variable")
    assert "'=1+1" in line, "no spreadsheet runs it"
