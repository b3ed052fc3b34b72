"""B: provisioning of 2.0.1 and 2.1 stations, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now

BOTH = pytest.mark.parametrize("version", VERSIONS)


def variable(
    component: str, name: str, instance: str = "", **more: Any
) -> dict[str, dict[str, Any]]:
    """A component and a variable, as on the wire."""
    told = {"name": name, "instance": instance} if instance else {"name": name}
    return {"component": {"name": component, **more}, "variable": told}


def named(component: str, name: str, instance: str = "", **more: Any) -> dict[str, Any]:
    """The same, as in the API."""
    return {"component": component, "variable": name, "instance": instance, **more}


THRESHOLD = ("OCPPCommCtrlr", "OfflineThreshold")
REMOTE = ("AuthCtrlr", "AuthorizeRemoteStart")


def reading(values: dict[tuple[str, ...], str]) -> Any:
    """A script of GetVariables: these values, the others unknown."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        results = []
        for data in request["getVariableData"]:
            told = data["variable"]
            key = (data["component"]["name"], told["name"])
            key = (*key, told["instance"]) if "instance" in told else key
            found = values.get(key)
            about = {"component": data["component"], "variable": told}
            if found is None:
                results.append({"attributeStatus": "UnknownVariable", **about})
            else:
                results.append({"attributeStatus": "Accepted", "attributeValue": found, **about})
        return {"getVariableResult": results}

    return answer


def setting(status: str = "Accepted") -> Any:
    """A script of SetVariables: the same status for all."""

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return {
            "setVariableResult": [
                {
                    "attributeStatus": status,
                    "component": data["component"],
                    "variable": data["variable"],
                }
                for data in request["setVariableData"]
            ]
        }

    return answer


async def variables(rig: Rig, station: ScriptedStation) -> dict[str, Any]:
    """What the CSMS knows, by component and variable."""
    found = await rig.get(f"/stations/{station.id}/variables")
    return {f"{v['component']}.{v['variable']}": v for v in found["items"]}


# --- B05, B06: variables ---------------------------------------------------------------------------------------------


@BOTH
@case("TC_B_06_CSMS")
async def test_one_variable_is_read(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("GetVariables", reading({THRESHOLD: "60"}))
    result = await rig.post(
        f"/stations/{station.id}/variables/read", {"names": [named(*THRESHOLD)]}
    )
    assert (result["status"], result["variables"][0]["value"]) == ("Accepted", "60")
    assert station.asked("GetVariables") == [{"getVariableData": [variable(*THRESHOLD)]}]
    assert (await variables(rig, station))["OCPPCommCtrlr.OfflineThreshold"]["value"] == "60"


@BOTH
@case("TC_B_07_CSMS")
async def test_several_variables_are_read_in_one_request(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("GetVariables", reading({THRESHOLD: "60", REMOTE: "true"}))
    wanted = [named(*THRESHOLD), named(*REMOTE)]
    result = await rig.post(f"/stations/{station.id}/variables/read", {"names": wanted})
    assert [v["value"] for v in result["variables"]] == ["60", "true"]
    [request] = station.asked("GetVariables")
    assert request["getVariableData"] == [variable(*THRESHOLD), variable(*REMOTE)]


@BOTH
@case("TC_B_08_CSMS")
async def test_never_more_variables_than_the_station_takes(rig: Rig, version: str) -> None:
    """B06.FR.05: the limit is learned by reading it."""
    station = await rig.station(version)
    data = "DeviceDataCtrlr"
    told = {
        (data, "ItemsPerMessage", "GetReport"): "10",
        (data, "ItemsPerMessage", "GetVariables"): "4",
        (data, "BytesPerMessage", "GetReport"): "5000",
        (data, "BytesPerMessage", "GetVariables"): "5000",
        REMOTE: "true",
    }
    station.answers("GetVariables", reading(told))
    limit = named(data, "ItemsPerMessage", "GetVariables")
    await rig.post(f"/stations/{station.id}/variables/read", {"names": [limit]})
    result = await rig.post(
        f"/stations/{station.id}/variables/read", {"names": [named(*key) for key in told]}
    )
    assert (result["accepted"], result["status"]) == (True, "Accepted")
    assert [v["value"] for v in result["variables"]] == list(told.values())
    requests = station.asked("GetVariables")[1:]
    assert [len(r["getVariableData"]) for r in requests] == [4, 1]
    assert [d for r in requests for d in r["getVariableData"]] == [variable(*key) for key in told]


@BOTH
@case("TC_B_09_CSMS")
async def test_one_variable_is_written(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("SetVariables", setting())
    values = [named(*THRESHOLD, value="123")]
    result = await rig.post(f"/stations/{station.id}/variables/write", {"values": values})
    assert (result["accepted"], result["status"]) == (True, "Accepted")
    [request] = station.asked("SetVariables")
    assert request == {"setVariableData": [{**variable(*THRESHOLD), "attributeValue": "123"}]}
    assert (await variables(rig, station))["OCPPCommCtrlr.OfflineThreshold"]["value"] == "123"


@BOTH
@case("TC_B_10_CSMS")
async def test_several_variables_are_written_in_one_request(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("SetVariables", setting())
    values = [named(*THRESHOLD, value="123"), named(*REMOTE, value="false")]
    result = await rig.post(f"/stations/{station.id}/variables/write", {"values": values})
    assert [v["status"] for v in result["variables"]] == ["Accepted", "Accepted"]
    [request] = station.asked("SetVariables")
    assert [d["attributeValue"] for d in request["setVariableData"]] == ["123", "false"]


@BOTH
async def test_never_more_values_nor_bytes_than_the_station_takes(rig: Rig, version: str) -> None:
    """B05.FR.11, and BytesPerMessage; limits can be set by hand."""
    station = await rig.station(version)
    station.answers("SetVariables", setting())
    await rig.patch(f"/stations/{station.id}/limits", {"ItemsPerMessageSetVariables": 3})
    values = [named("TxCtrlr", f"Own{n}", value=f"{n}") for n in range(5)]
    result = await rig.post(f"/stations/{station.id}/variables/write", {"values": values})
    assert (result["accepted"], len(result["variables"])) == (True, 5)
    sizes = [len(r["setVariableData"]) for r in station.asked("SetVariables")]
    assert sizes == [3, 2]
    bytes_ = {"ItemsPerMessageSetVariables": None, "BytesPerMessageSetVariables": 300}
    known = await rig.patch(f"/stations/{station.id}/limits", bytes_)
    assert known["items"] == [
        {"name": "BytesPerMessageSetVariables", "value": 300, "origin": "operator"}
    ]
    await rig.post(f"/stations/{station.id}/variables/write", {"values": values})
    sizes = [len(r["setVariableData"]) for r in station.asked("SetVariables")[2:]]
    assert sum(sizes) == 5
    assert max(sizes) == 2


@BOTH
async def test_a_variable_is_never_twice_in_a_request(rig: Rig, version: str) -> None:
    """B05.FR.13: with the same attribute, an omitted one being Actual."""
    station = await rig.station(version)
    station.answers("SetVariables", setting())
    values = [
        named(*THRESHOLD, value="1"),
        named(*THRESHOLD, value="2", attribute="Target"),
        named("ocppcommctrlr", "offlinethreshold", value="3"),
    ]
    await rig.post(f"/stations/{station.id}/variables/write", {"values": values})
    requests = station.asked("SetVariables")
    told = [[d["attributeValue"] for d in r["setVariableData"]] for r in requests]
    assert told == [["1", "2"], ["3"]]


# --- B07, B08: reports -----------------------------------------------------------------------------------------------


def report(request_id: int, seq_no: int, tbc: bool, *told: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestId": request_id,
        "generatedAt": now(),
        "seqNo": seq_no,
        "tbc": tbc,
        "reportData": list(told),
    }


def entry(component: str, name: str, value: str, **traits: Any) -> dict[str, Any]:
    told = {"dataType": "string", "supportsMonitoring": False, **traits}
    return {
        **variable(component, name),
        "variableAttribute": [{"value": value, "mutability": "ReadWrite"}],
        "variableCharacteristics": told,
    }


@BOTH
@pytest.mark.parametrize(
    "base",
    [
        pytest.param("ConfigurationInventory", marks=case("TC_B_12_CSMS")),
        pytest.param("FullInventory", marks=case("TC_B_13_CSMS")),
        pytest.param("SummaryInventory", marks=case("TC_B_14_CSMS")),
    ],
)
async def test_a_base_report_in_parts(rig: Rig, version: str, base: str) -> None:
    station = await rig.station(version)
    station.answers("GetBaseReport", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/reports", {"base": base}, status=202)
    assert operation["state"] == "running"
    request = (await station.expect("GetBaseReport"))["requestId"]
    assert station.asked("GetBaseReport")[-1]["reportBase"] == base
    first = entry("OCPPCommCtrlr", "OfflineThreshold", "60", dataType="integer", unit="s")
    assert await station.call("NotifyReport", report(request, 0, True, first)) == {}
    second = entry("AuthCtrlr", "Enabled", "true", dataType="boolean")
    assert await station.call("NotifyReport", report(request, 1, False, second)) == {}
    ended = await rig.ended(operation)
    assert (ended["state"], ended["parts"]) == ("done", 2)
    known = await variables(rig, station)
    assert known["OCPPCommCtrlr.OfflineThreshold"]["unit"] == "s"
    assert known["AuthCtrlr.Enabled"]["value"] == "true"


async def test_a_complete_inventory_takes_away_what_is_gone(rig: Rig) -> None:
    """Parts reordered, one repeated, one late; only a complete FullInventory says what is gone."""
    station = await rig.station("2.0.1")
    station.answers("GetBaseReport", {"status": "Accepted"})

    async def full(*parts: tuple[int, bool, dict[str, Any]]) -> Any:
        operation = await rig.post(f"/stations/{station.id}/reports", status=202)
        request = station.asked("GetBaseReport")[-1]["requestId"]
        for seq_no, tbc, told in parts:
            await station.call("NotifyReport", report(request, seq_no, tbc, told))
        return operation

    old, new = entry("A", "Old", "1"), entry("A", "New", "2")
    await rig.ended(await full((0, False, old)))
    waiting = await full((1, False, new), (1, False, new))
    state = (await rig.get(f"/operations/{waiting['id']}"))["state"]
    assert state == "running", "a part is missing"
    assert set(await variables(rig, station)) == {"A.Old", "A.New"}
    request = station.asked("GetBaseReport")[-1]["requestId"]
    await station.call("NotifyReport", report(request, 0, True, entry("A", "First", "3")))
    assert (await rig.ended(waiting))["state"] == "done"
    assert set(await variables(rig, station)) == {"A.First", "A.New"}


@BOTH
@case("TC_B_18_CSMS")
async def test_a_custom_report_and_an_empty_one(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("GetReport", [{"status": "EmptyResultSet"}, {"status": "Accepted"}])
    place = {"component": "EVSE", "evse": 1, "variable": "AvailabilityState"}
    path = f"/stations/{station.id}/reports/custom"
    empty = await rig.post(path, {"criteria": ["Problem"], "names": [place]}, status=202)
    assert [(o["state"], o["status"]) for o in empty["items"]] == [("done", "EmptyResultSet")]
    begun = await rig.post(path, {"criteria": ["Available"], "names": [place]}, status=202)
    first, second = station.asked("GetReport")
    evse = {"name": "EVSE", "evse": {"id": 1}}
    wanted = [{"component": evse, "variable": {"name": "AvailabilityState"}}]
    assert (first["componentCriteria"], first["componentVariable"]) == (["Problem"], wanted)
    assert (second["componentCriteria"], second["componentVariable"]) == (["Available"], wanted)
    told = {
        **wanted[0],
        "variableAttribute": [{"value": "Available", "mutability": "ReadOnly"}],
    }
    await station.call("NotifyReport", report(second["requestId"], 0, False, told))
    assert (await rig.ended(begun["items"][0]))["state"] == "done"
    assert (await variables(rig, station))["EVSE.AvailabilityState"]["value"] == "Available"


@BOTH
async def test_a_custom_report_is_split_by_what_the_station_takes(rig: Rig, version: str) -> None:
    """B08.FR.06."""
    station = await rig.station(version)
    station.answers("GetReport", {"status": "Accepted"})
    await rig.patch(f"/stations/{station.id}/limits", {"ItemsPerMessageGetReport": 2})
    names = [{"component": f"C{n}"} for n in range(3)]
    begun = await rig.post(f"/stations/{station.id}/reports/custom", {"names": names}, status=202)
    assert len(begun["items"]) == 2
    assert [len(r["componentVariable"]) for r in station.asked("GetReport")] == [2, 1]


# --- B09: network profiles -------------------------------------------------------------------------------------------

PROFILE = {
    "url": "wss://csms.example/ocpp",
    "security_profile": 2,
    "interface": "Wireless0",
    "timeout_s": 25,
}


@BOTH
@case("TC_B_42_CSMS")
async def test_a_network_profile_is_stored(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("SetNetworkProfile", {"status": "Accepted"})
    vpn = {
        "server": "vpn.example",
        "user": "u",
        "password": "p",
        "key": "k",
        "type": "IPSec",
    }
    apn = {"apn": "internet.example", "sim_pin": 1234, "authentication": "CHAP"}
    body = {**PROFILE, "vpn": vpn, "apn": apn}
    result = await rig.put(f"/stations/{station.id}/network-profiles/1", body)
    assert (result["accepted"], result["status"]) == (True, "Accepted")
    [request] = station.asked("SetNetworkProfile")
    assert request["configurationSlot"] == 1
    assert request["connectionData"] == {
        "ocppVersion": "OCPP20" if version == "2.0.1" else "OCPP21",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://csms.example/ocpp",
        "messageTimeout": 25,
        "securityProfile": 2,
        "ocppInterface": "Wireless0",
        "vpn": vpn,
        "apn": {"apn": "internet.example", "simPin": 1234, "apnAuthentication": "CHAP"},
    }


@BOTH
@case("TC_B_44_CSMS")
async def test_a_network_profile_that_cannot_be_stored(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers(
        "SetNetworkProfile", {"status": "Failed", "statusInfo": {"reasonCode": "NoSpace"}}
    )
    result = await rig.put(f"/stations/{station.id}/network-profiles/1", PROFILE)
    assert (result["result"], result["status"]) == ("answered", "Failed")
    assert (result["accepted"], result["description"]) == (False, "NoSpace")


@case("TC_B_100_CSMS")
async def test_a_network_profile_with_identity_and_password(rig: Rig) -> None:
    station = await rig.station("2.1")
    station.answers("SetNetworkProfile", {"status": "Accepted"})
    body = {**PROFILE, "identity": "CS-NEW", "password": "a-password-of-16-"}
    result = await rig.put(f"/stations/{station.id}/network-profiles/2", body)
    assert result["status"] == "Accepted"
    told = station.asked("SetNetworkProfile")[0]["connectionData"]
    assert (told["identity"], told["basicAuthPassword"]) == ("CS-NEW", "a-password-of-16-")
    old = await rig.station("2.0.1")
    refused = await rig.put(f"/stations/{old.id}/network-profiles/2", body)
    assert refused["result"] == "unsupported"
