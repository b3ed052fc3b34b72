"""Displays, tariffs, DER controls and battery swap of simulated stations."""

import pytest

from tests.unit.simulator.conftest import V2
from tests.unit.simulator.csms import CallError

NEW = ["2.1"]


def message(number, priority="NormalCycle", **more):
    text = {"format": "UTF8", "content": f"message {number}"}
    return {"message": {"id": number, "priority": priority, "message": text, **more}}


@pytest.mark.parametrize("version", V2)
async def test_messages_are_shown_told_and_taken_away(csms, switch_on, version):
    await switch_on(csms, version)
    for number in range(1, 8):
        assert await csms.call("SetDisplayMessage", message(number)) == {"status": "Accepted"}
    front = message(20, "AlwaysFront")
    other = message(21, "AlwaysFront")
    for one in (front, other):
        assert await csms.call("SetDisplayMessage", one) == {"status": "Accepted"}
    page = message(30)
    page["message"]["message"]["format"] = "HTML"
    answer = await csms.call("SetDisplayMessage", page)
    assert answer["status"] == "NotSupportedMessageFormat"
    unknown = message(31, transactionId="nobody's")
    assert (await csms.call("SetDisplayMessage", unknown))["status"] == "UnknownTransaction"

    assert await csms.call("GetDisplayMessages", {"requestId": 5}) == {"status": "Accepted"}
    await csms.wait_for("NotifyDisplayMessages", 2)
    parts = csms.sent("NotifyDisplayMessages")
    assert [part.get("tbc", False) for part in parts] == [True, False]
    told = [one["id"] for part in parts for one in part["messageInfo"]]
    assert told == [*range(1, 8), 21]  # one that is always in front replaces the other
    assert await csms.call("ClearDisplayMessage", {"id": 21}) == {"status": "Accepted"}
    assert await csms.call("ClearDisplayMessage", {"id": 21}) == {"status": "Unknown"}
    asked = {"requestId": 6, "id": [21]}
    assert await csms.call("GetDisplayMessages", asked) == {"status": "Unknown"}


@pytest.mark.parametrize("version", NEW)
async def test_default_tariffs(csms, switch_on, version):
    await switch_on(csms, version)
    tariff = {"tariffId": "T1", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.4}]}}
    put = {"evseId": 0, "tariff": tariff}
    assert await csms.call("SetDefaultTariff", put) == {"status": "Accepted"}
    assert (await csms.call("SetDefaultTariff", put))["status"] == "DuplicateTariffId"
    unknown = await csms.call("SetDefaultTariff", {**put, "evseId": 99})
    assert unknown["status"] == "Rejected"
    told = await csms.call("GetTariffs", {"evseId": 0})
    assert [t["tariffId"] for t in told["tariffAssignments"]] == ["T1"]
    cleared = await csms.call("ClearTariffs", {})
    assert cleared["clearTariffsResult"] == [{"tariffId": "T1", "status": "Accepted"}]
    assert (await csms.call("GetTariffs", {"evseId": 0}))["status"] == "NoTariff"
    change = {"transactionId": "none", "tariff": tariff}
    assert (await csms.call("ChangeTransactionTariff", change))["status"] == "TxNotFound"


@pytest.mark.parametrize("version", NEW)
async def test_a_lower_priority_number_supersedes(csms, switch_on, version):
    await switch_on(csms, version)

    def droop(name, priority):
        settings = {
            "priority": priority,
            "overFreq": 0.2,
            "underFreq": 0.2,
            "overDroop": 5,
            "underDroop": 5,
            "responseTime": 1,
        }
        about = {"isDefault": True, "controlType": "FreqDroop"}
        return {"controlId": name, "freqDroop": settings, **about}

    assert await csms.call("SetDERControl", droop("A", 5)) == {"status": "Accepted"}
    second = await csms.call("SetDERControl", droop("B", 1))
    assert second == {"status": "Accepted", "supersededIds": ["A"]}
    third = await csms.call("SetDERControl", droop("C", 9))
    assert third["supersededIds"] == ["C"]  # R04.FR.08: at once
    assert await csms.call("GetDERControl", {"requestId": 3}) == {"status": "Accepted"}
    await csms.wait_for("ReportDERControl", 3)
    told = [r["freqDroop"][0] for r in csms.sent("ReportDERControl")]
    assert {t["id"]: t["isSuperseded"] for t in told} == {"A": True, "B": False, "C": True}
    assert await csms.call("ClearDERControl", {"isDefault": True}) == {"status": "Accepted"}
    assert await csms.call("ClearDERControl", {"isDefault": True}) == {"status": "NotFound"}


@pytest.mark.parametrize("version", ["2.0.1"])
async def test_an_older_station_knows_no_tariffs(csms, switch_on, version):
    await switch_on(csms, version)
    with pytest.raises(CallError):
        await csms.call("GetTariffs", {"evseId": 0})
