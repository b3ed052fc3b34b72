"""B: network profiles by variables (2.1), and leaving for another CSMS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.rig import VERSIONS, Rig, case

BOTH = pytest.mark.parametrize("version", VERSIONS)

PROFILE = {"url": "wss://other.example/ocpp", "security_profile": 2}


def accepting(request: dict[str, Any]) -> dict[str, Any]:
    """A script of SetVariables that takes all."""
    kept = ("component", "variable")
    return {
        "setVariableResult": [
            {"attributeStatus": "Accepted", **{k: d[k] for k in kept}}
            for d in request["setVariableData"]
        ]
    }


@case("TC_B_105_CSMS")
async def test_a_network_profile_by_variables(rig: Rig) -> None:
    station = await rig.station("2.1")
    station.answers("SetVariables", accepting)
    path = f"/stations/{station.id}/network-profiles/3?by_variables=true"
    result = await rig.put(path, {**PROFILE, "identity": "CS-X", "password": "p" * 16})
    assert result["accepted"]
    written = [d for r in station.asked("SetVariables") for d in r["setVariableData"]]
    assert {(d["component"]["name"], d["component"]["instance"]) for d in written} == {
        ("NetworkConfiguration", "3")
    }
    assert {d["variable"]["name"]: d["attributeValue"] for d in written} == {
        "OcppCsmsUrl": "wss://other.example/ocpp",
        "OcppInterface": "Wired0",
        "OcppTransport": "JSON",
        "MessageTimeout": "30",
        "SecurityProfile": "2",
        "Identity": "CS-X",
        "BasicAuthPassword": "p" * 16,
        "VpnEnabled": "false",
        "ApnEnabled": "false",
    }
    kept = await rig.get(f"/stations/{station.id}/network-profiles")
    assert [(p["slot"], p["profile"].get("password")) for p in kept["items"]] == [(3, None)]
    known = (await rig.get(f"/stations/{station.id}/variables"))["items"]
    assert "p" * 16 not in {v["value"] for v in known}


async def test_the_network_profile_in_use_is_not_written_to(rig: Rig) -> None:
    """B09.FR.10."""
    station = await rig.station("2.1")
    station.answers("SetVariables", accepting)
    result = await rig.put(f"/stations/{station.id}/network-priority", {"slots": [1, 0]})
    assert result["accepted"]
    [data] = station.asked("SetVariables")[0]["setVariableData"]
    assert (data["variable"]["name"], data["attributeValue"]) == (
        "NetworkConfigurationPriority",
        "1,0",
    )
    path = f"/stations/{station.id}/network-profiles"
    refused = await rig.put(f"{path}/1?by_variables=true", PROFILE)
    assert (refused["result"], "in use" in refused["description"]) == ("invalid", True)
    assert len(station.asked("SetVariables")) == 1
    assert (await rig.put(f"{path}/2?by_variables=true", PROFILE))["accepted"]


@BOTH
async def test_a_station_leaves_for_another_csms(rig: Rig, version: str) -> None:
    """B10: profile, priority, restart, and it is gone; it has not left when it comes back."""
    station = await rig.station(version)
    station.answers("SetNetworkProfile", {"status": "Accepted"})
    station.answers("SetVariables", accepting)
    station.answers("Reset", {"status": "Accepted"})
    body = {"slot": 2, "profile": PROFILE, "keep": [1]}
    path = f"/stations/{station.id}/migration"
    await rig.post(path, {**body, "confirm": "something else"}, status=422)
    assert station.asked("SetNetworkProfile") == []
    begun = await rig.post(path, {**body, "confirm": station.identity}, status=202)
    assert (begun["state"], begun["status"]) == ("running", "Reset")
    assert station.asked("SetNetworkProfile")[0]["configurationSlot"] == 2
    [data] = station.asked("SetVariables")[0]["setVariableData"]
    assert data["attributeValue"] == "2,1"
    assert station.asked("Reset") == [{"type": "OnIdle"}]

    async def stands() -> tuple[str, str]:
        seen = await rig.get(f"/operations/{begun['id']}")
        return seen["state"], seen["status"]

    await station.close()
    await rig.eventually(stands, lambda seen: seen == ("running", "Left"))
    await station.connect()  # the line had only broken: it has not restarted yet
    await station.close()
    await station.connect()
    assert (await stands())[0] == "running"
    await station.boot("RemoteReset")  # the other system did not take it
    ended = await rig.ended(begun)
    assert (ended["state"], ended["status"]) == ("failed", "Returned")


async def test_a_station_that_does_not_take_the_profile_stays(rig: Rig) -> None:
    station = await rig.station("2.0.1")
    station.answers("SetNetworkProfile", [{"status": "Rejected"}, {"status": "Accepted"}])
    body = {"slot": 2, "profile": PROFILE, "confirm": station.identity}
    first = await rig.post(f"/stations/{station.id}/migration", body, status=202)
    assert (first["state"], station.asked("SetVariables")) == ("failed", [])
    second = await rig.post(f"/stations/{station.id}/migration", body, status=202)
    assert second["state"] == "failed"
    assert second["problem"].startswith("NetworkConfigurationPriority:")
    assert station.asked("Reset") == []
