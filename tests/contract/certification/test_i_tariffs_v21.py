"""I, tariff and cost: the cases of 2.1, where stations know tariffs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.charging import Charge, able, fresh, meter, seen, tariff
from tests.support.rig import Rig, ScriptedStation, case, now

BY_DAY = {
    "currency": "EUR",
    "energy": {
        "prices": [
            {
                "price": "0.40",
                "conditions": {"start_time_of_day": "08:00", "end_time_of_day": "18:00"},
            },
            {"price": "0.25"},
        ],
        "tax_rates": [{"type": "vat", "tax": "20"}],
    },
    "scope": {},
}


async def by_day(rig: Rig, **about: Any) -> dict[str, Any]:
    body = {"name": fresh("tariff"), **BY_DAY, **about}
    return dict(await rig.post("/tariffs", body))


@case("TC_I_101_CSMS")
async def test_default_tariff_with_times_of_day(rig: Rig) -> None:
    made = await by_day(rig)
    station = await rig.station("2.1")
    station.answers("SetDefaultTariff", {"status": "Accepted"})
    result = await rig.post(
        f"/stations/{station.id}/tariffs/default", {"tariff": made["name"], "evse": 1}
    )
    assert result["status"] == "Accepted"
    (asked,) = station.asked("SetDefaultTariff")
    assert asked["evseId"] == 1
    assert asked["tariff"]["tariffId"] == made["tariff_id"]
    assert asked["tariff"]["energy"] == {
        "prices": [
            {
                "priceKwh": 0.4,
                "conditions": {"startTimeOfDay": "08:00", "endTimeOfDay": "18:00"},
            },
            {"priceKwh": 0.25},
        ],
        "taxRates": [{"type": "vat", "tax": 20.0}],
    }
    installed = (await rig.get(f"/stations/{station.id}/tariffs"))["items"]
    assert [(t["tariff_id"], t["evses"]) for t in installed] == [(made["tariff_id"], [1])]


@case("TC_I_102_CSMS")
async def test_default_tariff_within_the_number_of_elements(rig: Rig) -> None:
    """What the station cannot take is not sent; what it does not take after all is told."""
    made = await by_day(rig)
    station = await rig.station("2.1")
    await able(rig, station, {("TariffCostCtrlr", "MaxElements", "Tariff"): "1"})
    path = f"/stations/{station.id}/tariffs/default"
    refused = await rig.post(path, {"tariff": made["name"]}, status=422)
    assert "MaxElements" in refused["detail"]
    assert station.asked("SetDefaultTariff") == []
    station.answers("SetDefaultTariff", {"status": "TooManyElements"})
    told = await rig.post(path, {"tariff": made["name"], "unchecked": True})
    assert (told["accepted"], told["status"]) == (False, "TooManyElements")
    assert (await rig.get(f"/stations/{station.id}/tariffs"))["items"] == []
    simple = await tariff(rig)
    station.answers("SetDefaultTariff", {"status": "Accepted"})
    assert (await rig.post(path, {"tariff": simple["name"]}))["accepted"]


@case("TC_I_105_CSMS")
async def test_default_tariff_without_conditions(rig: Rig) -> None:
    made, simple = await by_day(rig), await tariff(rig)
    station = await rig.station("2.1")
    await able(rig, station, {("TariffCostCtrlr", "ConditionsSupported", "Tariff"): "false"})
    path = f"/stations/{station.id}/tariffs/default"
    refused = await rig.post(path, {"tariff": made["name"]}, status=422)
    assert "ConditionsSupported" in refused["detail"]
    station.answers(
        "SetDefaultTariff", [{"status": "ConditionNotSupported"}, {"status": "Accepted"}]
    )
    told = await rig.post(path, {"tariff": made["name"], "unchecked": True})
    assert told["status"] == "ConditionNotSupported"
    assert (await rig.post(path, {"tariff": simple["name"]}))["accepted"]
    assert "conditions" not in str(station.asked("SetDefaultTariff")[-1])


@case("TC_I_106_CSMS")
@pytest.mark.parametrize("status", ["Rejected", "DuplicateTariffId", "TooManyElements"])
async def test_default_tariff_that_is_refused(rig: Rig, status: str) -> None:
    made = await tariff(rig)
    station = await rig.station("2.1")
    info = {"reasonCode": "InvalidValue", "additionalInfo": "no such EVSE"}
    station.answers("SetDefaultTariff", {"status": status, "statusInfo": info})
    told = await rig.post(
        f"/stations/{station.id}/tariffs/default", {"tariff": made["name"], "evse": 9}
    )
    assert (told["status"], told["accepted"]) == (status, False)
    assert told["description"] == "InvalidValue: no such EVSE"
    assert (await rig.get(f"/stations/{station.id}/tariffs"))["items"] == []


@case("TC_I_109_CSMS")
async def test_a_drivers_tariff_goes_with_the_authorisation(rig: Rig) -> None:
    """I08.FR.01, I08.FR.09: whole, and without validFrom."""
    token = await rig.token()
    made = await by_day(rig, scope={"tokens": [token]}, valid_from="2024-01-01T00:00:00Z")
    station = await rig.station("2.1")
    asked = {"idToken": {"idToken": token, "type": "ISO14443"}}
    assert "tariff" not in await station.call("Authorize", asked)
    await able(rig, station, {("TariffCostCtrlr", "Enabled", "Tariff"): "true"})
    answer = await station.call("Authorize", asked)
    assert answer["tariff"]["tariffId"] == made["tariff_id"]
    assert len(answer["tariff"]["energy"]["prices"]) == 2
    assert "validFrom" not in answer["tariff"]
    assert answer["idTokenInfo"]["personalMessage"]["content"] == "0.30-0.48 EUR/kWh"


async def test_a_tariff_that_the_station_cannot_reckon_is_reckoned_here(rig: Rig) -> None:
    """I08.FR.34: no conditions there, so no tariff goes out, and the cost is ours."""
    token = await rig.token()
    await by_day(rig, scope={"tokens": [token]}, time_zone="UTC")
    station = await rig.station("2.1")
    await able(
        rig,
        station,
        {
            ("TariffCostCtrlr", "Enabled", "Tariff"): "true",
            ("TariffCostCtrlr", "ConditionsSupported", "Tariff"): "false",
        },
    )
    answer = await station.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
    assert "tariff" not in answer
    charge = Charge(station, token)
    await charge.begin(0.0)
    assert (await charge.sample(10_000.0))["totalCost"] in (4.8, 3.0)


async def test_another_content_is_another_tariff_id(rig: Rig) -> None:
    """I08.FR.08: and the former stays readable under its own."""
    made = await by_day(rig)
    changed = {**made["tariff"], "energy": {"prices": [{"price": "0.50"}]}}
    again = await rig.put(f"/tariffs/{made['name']}", changed)
    assert again["tariff_id"] != made["tariff_id"]
    former = await rig.get(f"/tariffs/{made['tariff_id']}")
    assert former["tariff"]["energy"] == made["tariff"]["energy"]


@case("TC_I_110_CSMS")
async def test_default_tariffs_are_cleared(rig: Rig) -> None:
    made = await tariff(rig)
    station = await rig.station("2.1")
    station.answers("SetDefaultTariff", {"status": "Accepted"})
    await rig.post(f"/stations/{station.id}/tariffs/default", {"tariff": made["name"]})
    cleared = [{"tariffId": made["tariff_id"], "status": "Accepted"}]
    station.answers("ClearTariffs", {"clearTariffsResult": cleared})
    body = {"tariff_ids": [made["tariff_id"]]}
    told = await rig.post(f"/stations/{station.id}/tariffs/clear", body)
    assert (told["accepted"], told["payload"]) == (True, {"clearTariffsResult": cleared})
    assert station.asked("ClearTariffs") == [{"tariffIds": [made["tariff_id"]]}]
    assert (await rig.get(f"/stations/{station.id}/tariffs"))["items"] == []
    station.answers("ClearTariffs", {"clearTariffsResult": [{"status": "NoTariff"}]})
    none = await rig.post(f"/stations/{station.id}/tariffs/clear", {"evse": 1})
    assert (none["accepted"], none["status"]) == (False, "NoTariff")


async def test_a_station_tells_which_tariffs_it_has(rig: Rig) -> None:
    station = await rig.station("2.1")
    assignments = [
        {
            "tariffId": "Default01",
            "tariffKind": "DefaultTariff",
            "validFrom": "2024-01-01T00:00:00Z",
            "evseIds": [1, 2],
        },
        {"tariffId": "MSP01", "tariffKind": "DriverTariff", "idTokens": ["ABCD1234"]},
    ]
    station.answers(
        "GetTariffs",
        [{"status": "Accepted", "tariffAssignments": assignments}, {"status": "NoTariff"}],
    )
    told = await rig.post(f"/stations/{station.id}/tariffs/read")
    assert told["accepted"]
    installed = (await rig.get(f"/stations/{station.id}/tariffs"))["items"]
    assert [(t["tariff_id"], t.get("evses")) for t in installed] == [
        ("Default01", [1, 2]),
        ("MSP01", None),
    ]
    assert (await rig.post(f"/stations/{station.id}/tariffs/read"))["status"] == "NoTariff"
    assert (await rig.get(f"/stations/{station.id}/tariffs"))["items"] == []


async def _running(rig: Rig) -> tuple[ScriptedStation, Charge, dict[str, Any]]:
    token = await rig.token()
    await tariff(rig, scope={"tokens": [token]}, tax=None)
    station = await rig.station("2.1")
    charge = Charge(station, token)
    await charge.begin(0.0)
    return station, charge, await seen(rig, charge)


@case("TC_I_113_CSMS")
async def test_change_of_tariff_within_the_number_of_elements(rig: Rig) -> None:
    made = await by_day(rig)
    station, _, row = await _running(rig)
    await able(rig, station, {("TariffCostCtrlr", "MaxElements", "Tariff"): "1"})
    path = f"/transactions/{row['id']}/tariff"
    assert "MaxElements" in (await rig.post(path, {"tariff": made["name"]}, status=422))["detail"]
    station.answers("ChangeTransactionTariff", {"status": "TooManyElements"})
    told = await rig.post(path, {"tariff": made["name"], "unchecked": True})
    assert told["status"] == "TooManyElements"


@case("TC_I_114_CSMS")
async def test_change_of_tariff_without_conditions(rig: Rig) -> None:
    made, simple = await by_day(rig), await tariff(rig)
    station, charge, row = await _running(rig)
    await able(rig, station, {("TariffCostCtrlr", "ConditionsSupported", "Tariff"): "false"})
    path = f"/transactions/{row['id']}/tariff"
    refused = await rig.post(path, {"tariff": made["name"]}, status=422)
    assert "ConditionsSupported" in refused["detail"]
    station.answers("ChangeTransactionTariff", {"status": "Accepted"})
    assert (await rig.post(path, {"tariff": simple["name"]}))["accepted"]
    (asked,) = station.asked("ChangeTransactionTariff")
    assert asked["transactionId"] == charge.reference
    assert "conditions" not in str(asked)


@case("TC_I_115_CSMS")
async def test_change_of_tariff_with_conditions(rig: Rig) -> None:
    """The new tariff counts from then on, here as at the station (I11.FR.08)."""
    made = await by_day(rig, energy={"prices": [{"price": "1", "conditions": {"min_energy": 0}}]})
    station, charge, row = await _running(rig)
    station.answers("ChangeTransactionTariff", {"status": "Accepted"})
    assert (await rig.post(f"/transactions/{row['id']}/tariff", {"tariff": made["name"]}))[
        "accepted"
    ]
    (asked,) = station.asked("ChangeTransactionTariff")
    assert asked["tariff"]["energy"]["prices"][0]["conditions"] == {"minEnergy": 0.0}
    changed = await charge.event(
        "Updated",
        "TariffChanged",
        meterValue=meter(5000.0),
        info={"tariffId": made["tariff_id"]},
    )
    assert changed["totalCost"] == 2.0
    assert (await charge.sample(7000.0))["totalCost"] == 4.0
    assert (await charge.end(7000.0))["totalCost"] == 4.0
    ended = await seen(rig, charge)
    assert [t["tariff_id"] for t in ended["tariffs"]][-1] == made["tariff_id"]


@pytest.mark.parametrize("status", ["TxNotFound", "NoCurrencyChange", "Rejected"])
async def test_change_of_tariff_that_is_refused(rig: Rig, status: str) -> None:
    dollars = await tariff(rig, currency="USD")
    station, charge, row = await _running(rig)
    path = f"/transactions/{row['id']}/tariff"
    assert "EUR" in (await rig.post(path, {"tariff": dollars["name"]}, status=422))["detail"]
    station.answers("ChangeTransactionTariff", {"status": status})
    told = await rig.post(path, {"tariff": dollars["name"], "unchecked": True})
    assert (told["accepted"], told["status"]) == (False, status)
    await charge.end(1000.0)
    late = await rig.post(path, {"tariff": dollars["name"]}, status=409)
    assert "ended" in late["detail"]


def details(total: float, **more: Any) -> dict[str, Any]:
    return {
        "chargingPeriods": [
            {
                "tariffId": "T",
                "startPeriod": now(),
                "dimensions": [{"type": "Energy", "volume": 5000.0}],
            }
        ],
        "totalCost": {
            "currency": "EUR",
            "typeOfCost": "NormalCost",
            "energy": {"exclTax": total, "inclTax": total},
            "total": {"exclTax": total, "inclTax": total},
        },
        "totalUsage": {"energy": 5000.0, "chargingTime": 60, "idleTime": 0},
        **more,
    }


@case("TC_I_122_CSMS")
async def test_cost_details_at_the_end(rig: Rig) -> None:
    """They are accepted and kept; what agrees with our own reckoning raises nothing."""
    _, charge, _ = await _running(rig)
    answer = await charge.end(5000.0, costDetails=details(2.0))
    assert answer["totalCost"] == 2.0
    row = await seen(rig, charge)
    assert row["cost_details"]["incl_tax"] == "2.0"
    assert row["cost_details"]["detail"]["totalUsage"]["energy"] == 5000.0
    anomalies = await rig.get("/anomalies", transaction=row["id"])
    assert [a["kind"] for a in anomalies["items"]] == []


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (details(3.0), "station"),
        (details(2.0, failureToCalculate=True, failureReason="meter lost"), "failure"),
    ],
)
async def test_cost_details_that_differ_are_shown(rig: Rig, told: Any, word: str) -> None:
    _, charge, _ = await _running(rig)
    await charge.end(5000.0, costDetails=told)
    row = await seen(rig, charge)
    anomalies = (await rig.get("/anomalies", transaction=row["id"]))["items"]
    assert [a["kind"] for a in anomalies] == ["cost-differs"]
    assert word in anomalies[0]["detail"]
