"""I, tariff and cost: the cases that are common to 2.0.1 and 2.1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from tests.support.charging import Charge, able, seen, tariff
from tests.support.rig import VERSIONS, Rig, case


@case("TC_I_01_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_running_cost_is_told(rig: Rig, version: str) -> None:
    """I02.FR.01: in the answers to events, and when asked for by CostUpdated, for the right transaction."""
    token = await rig.token()
    await tariff(rig, scope={"tokens": [token]})
    station = await rig.station(version)
    station.answers("CostUpdated", {})
    answer = await station.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
    assert answer["idTokenInfo"]["status"] == "Accepted"
    charge = Charge(station, token)
    begun = await charge.begin(1000.0)
    assert begun["idTokenInfo"]["status"] == "Accepted"
    assert begun["totalCost"] == 0.0
    assert (await charge.sample(3500.0))["totalCost"] == 1.2  # 2.5 kWh * 0.40 + 20 %
    assert (await charge.sample(6000.0))["totalCost"] == 2.4
    row = await seen(rig, charge)
    running = await rig.get(f"/transactions/{row['id']}/cost")
    assert (running["final"], running["cost"]["incl_tax"]) == (False, "2.40")
    shown = await rig.post(f"/transactions/{row['id']}/cost/show")
    assert shown["accepted"]
    assert station.asked("CostUpdated") == [{"totalCost": 2.4, "transactionId": charge.reference}]


@case("TC_I_02_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_final_cost_is_told_and_kept(rig: Rig, version: str) -> None:
    """I03.FR.02: the answer to the end has the total, which is kept with its breakdown."""
    token = await rig.token()
    await tariff(rig, scope={"tokens": [token]}, session="1")
    station = await rig.station(version)
    charge = Charge(station, token)
    await charge.begin(0.0)
    await charge.sample(5000.0)
    assert (await charge.end(10_000.0))["totalCost"] == 6.0  # (10 kWh * 0.40 + 1) + 20 %
    row = await seen(rig, charge)
    assert (row["cost"]["excl_tax"], row["cost"]["incl_tax"]) == ("5.00", "6.00")
    assert {line["component"] for line in row["cost"]["lines"]} == {"energy", "fixed_fee"}


@case("TC_I_02_CSMS")
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_free_transaction_costs_nothing(rig: Rig, version: str) -> None:
    """I03.FR.04: 0.00, not silence."""
    token = await rig.token()
    await tariff(rig, scope={"tokens": [token]}, kwh="0")
    station = await rig.station(version)
    charge = Charge(station, token)
    await charge.begin(0.0)
    assert (await charge.sample(5000.0))["totalCost"] == 0.0
    assert (await charge.end(5000.0))["totalCost"] == 0.0


@pytest.mark.parametrize("version", VERSIONS)
async def test_without_a_tariff_nothing_is_said_of_the_cost(rig: Rig, version: str) -> None:
    """I03.FR.04: 0.00 would say that it is free; who bills elsewhere has no tariff here."""
    station = await rig.station(version)
    station.answers("CostUpdated", {})
    charge = Charge(station, await rig.token())
    answers = [await charge.begin(0.0), await charge.sample(5000.0), await charge.end(5000.0)]
    assert all("totalCost" not in answer for answer in answers)
    assert station.asked("CostUpdated") == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_end_that_came_late_is_priced_the_same(rig: Rig, version: str) -> None:
    token = await rig.token()
    await tariff(rig, scope={"tokens": [token]}, minute="0.10", tax=None)
    station = await rig.station(version)
    begun = datetime.now(UTC) - timedelta(hours=2)
    times = [(begun + timedelta(minutes=m)).isoformat() for m in (0, 30, 60)]
    charge = Charge(station, token)
    await charge.begin(0.0, at=times[0], offline=True)
    end = {"at": times[2], "offline": True}
    last = charge.numbers
    charge.numbers = count(2)
    assert (await charge.end(10_000.0, **end))["totalCost"] == 4.0 + 6.0
    charge.numbers = last  # the event between comes last
    paused = {"chargingState": "SuspendedEV"}
    await charge.event("Updated", "ChargingStateChanged", at=times[1], offline=True, info=paused)
    row = await seen(rig, charge)
    assert row["cost"]["incl_tax"] == "7.00"  # half an hour of it was idle, and free


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_driver_reads_the_tariff_before_the_start(rig: Rig, version: str) -> None:
    """I01.FR.01, I01.FR.02: only where the station has said that it shows such things."""
    token = await rig.token()
    await tariff(rig, scope={"tokens": [token]})
    station = await rig.station(version)
    asked = {"idToken": {"idToken": token, "type": "ISO14443"}}
    silent = await station.call("Authorize", asked)
    assert "personalMessage" not in silent["idTokenInfo"]
    await able(rig, station, {("DisplayMessageCtrlr", "Available", ""): "true"})
    message = (await station.call("Authorize", asked))["idTokenInfo"]["personalMessage"]
    assert message["content"] == "0.48 EUR/kWh"
    assert message["language"] == "en"


@pytest.mark.parametrize("version", VERSIONS)
async def test_fallback_messages_are_configured(rig: Rig, version: str) -> None:
    """I04.FR.02, I05.FR.01: TariffFallbackMessage and TotalCostFallbackMessage are variables like others."""
    station = await rig.station(version)
    names = [
        {"component": "TariffCostCtrlr", "variable": v, "value": f"{v}: ask the desk"}
        for v in ("TariffFallbackMessage", "TotalCostFallbackMessage")
    ]
    station.answers(
        "SetVariables",
        lambda asked: {
            "setVariableResult": [
                {
                    "attributeStatus": "Accepted",
                    "component": d["component"],
                    "variable": d["variable"],
                }
                for d in asked["setVariableData"]
            ]
        },
    )
    result = await rig.post(f"/stations/{station.id}/variables/write", {"values": names})
    assert result["accepted"]
    sent = [d for asked in station.asked("SetVariables") for d in asked["setVariableData"]]
    assert [d["attributeValue"] for d in sent] == [n["value"] for n in names]


async def test_a_changed_tariff_is_shown_and_counts(rig: Rig) -> None:
    """I06.FR.01, I06.FR.02: 2.0.1 has no tariffs for machines, so the cost is changed here and the driver reads it."""
    token = await rig.token()
    await tariff(rig, scope={"tokens": [token]}, tax=None)
    dear = await tariff(rig, kwh="1", tax=None)
    station = await rig.station("2.0.1")
    charge = Charge(station, token)
    await charge.begin(0.0)
    assert (await charge.sample(5000.0))["totalCost"] == 2.0
    row = await seen(rig, charge)
    changed = await rig.post(f"/transactions/{row['id']}/tariff", {"tariff": dear["name"]})
    assert changed["accepted"]
    answer = await charge.sample(7000.0)
    assert answer["totalCost"] == 4.0
    assert answer["updatedPersonalMessage"]["content"] == "1.00 EUR/kWh"
    assert (await charge.end(7000.0))["totalCost"] == 4.0
