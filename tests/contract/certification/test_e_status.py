"""E14: the station is asked how a transaction stands, and what is missing of it is settled by the answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.charging import Charge, connector
from tests.contract.certification.test_e_transactions import both, charging
from tests.support.rig import Rig, ScriptedStation, case


async def checked(rig: Rig, charge: Charge) -> dict[str, Any]:
    """Ask, as the operator; what came of it."""
    row = await charge.row(rig)
    return dict(await rig.post(f"/transactions/{row['id']}/check"))


def says(station: ScriptedStation, queued: bool, ongoing: bool | None = None) -> None:
    """What the station will answer."""
    answer: dict[str, Any] = {"messagesInQueue": queued}
    if ongoing is not None:
        answer["ongoingIndicator"] = ongoing
    station.answers("GetTransactionStatus", answer)


@case("TC_E_29_CSMS")
@both
async def test_it_runs_and_messages_wait(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)
    await station.reconnect()
    says(station, queued=True, ongoing=True)

    check = await checked(rig, charge)

    assert station.asked("GetTransactionStatus") == [{"transactionId": charge.id}]
    assert (check["finding"], check["ongoing"], check["queued"]) == ("waiting", True, True)
    assert await charge.metered(1500, offline=True) == {}
    assert (await charge.row(rig))["energy_wh"] == 500.0


@case("TC_E_30_CSMS")
@both
async def test_it_runs_and_nothing_waits(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)
    says(station, queued=False, ongoing=True)

    check = await checked(rig, charge)

    assert check["finding"] == "running"
    assert (await charge.row(rig))["state"] == "active"


@case("TC_E_31_CSMS")
@both
async def test_it_has_ended_and_events_before_its_end_come_late(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)
    await station.reconnect()
    await connector(station, "Available")
    missing = charge.seq
    says(station, queued=True, ongoing=False)

    await charge.end(
        "EVCommunicationLost", "EVDisconnected", state="Idle", seq=missing + 2, offline=True
    )
    assert not (await charge.row(rig))["complete"]
    check = await checked(rig, charge)
    assert check["finding"] == "waiting"
    await charge.event("Updated", "StopAuthorized", token=True, seq=missing, offline=True)
    await charge.event(
        "Updated", "ChargingStateChanged", "EVConnected", seq=missing + 1, offline=True
    )

    row = await charge.row(rig)
    assert (row["state"], row["complete"], row["energy_wh"]) == ("ended", True, 1000.0)
    assert row["stop_token"] == charge.id_token["idToken"]


@case("TC_E_33_CSMS", "TC_E_34_CSMS")
@both
@pytest.mark.parametrize("queued", [True, False])
async def test_whether_anything_waits_at_all(rig: Rig, version: str, queued: bool) -> None:
    station = await rig.station(version)
    says(station, queued=queued)

    result = await rig.post(f"/stations/{station.id}/transaction-queue")

    assert station.asked("GetTransactionStatus") == [{}]
    assert (result["result"], result["queued"]) == ("answered", queued)


# --- what the certification does not ask for --------------------------------------------------------------------


@both
async def test_an_end_that_was_lost_closes_it_at_its_last_reading(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)
    await charge.metered(1800)
    says(station, queued=False, ongoing=False)

    check = await checked(rig, charge)

    assert check["finding"] == "closed"
    row = await charge.row(rig)
    assert (row["state"], row["energy_wh"], row["held"]) == ("ended", 800.0, True)
    kinds = {a["kind"] for a in (await rig.get("/anomalies", transaction=row["id"]))["items"]}
    assert "end-lost" in kinds
    asked = await rig.get(f"/transactions/{row['id']}/checks")
    assert [c["finding"] for c in asked["items"]] == ["closed"]


@both
async def test_an_end_that_comes_after_all_counts(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)
    await charge.metered(1800)
    says(station, queued=False, ongoing=False)
    await checked(rig, charge)

    await charge.end(wh=2500, offline=True)

    row = await charge.row(rig)
    assert (row["energy_wh"], row["held"], row["stop_reason"]) == (1500.0, False, "Local")
    assert (await rig.get("/anomalies", transaction=row["id"]))["items"] == []


@both
async def test_events_that_were_lost_for_good_are_flagged(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)
    await charge.end(seq=charge.seq + 3)
    says(station, queued=False, ongoing=False)

    check = await checked(rig, charge)

    assert check["finding"] == "lost"
    row = await charge.row(rig)
    found = await rig.get("/anomalies", transaction=row["id"], kind="events-missing")
    (anomaly,) = found["items"]
    assert anomaly["detail"]["missing"] == [2, 3, 4]


@both
async def test_one_that_was_presumed_ended_and_runs_is_taken_back(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)
    other = Charge(station, await rig.token())
    await other.begin()
    assert (await charge.row(rig))["state"] == "presumed-ended"
    await other.end()
    says(station, queued=False, ongoing=True)

    check = await checked(rig, charge)

    assert check["finding"] == "reopened"
    assert (await charge.row(rig))["state"] == "active"


async def test_a_station_of_1_6_cannot_be_asked(rig: Rig) -> None:
    station = await rig.station("1.6")
    tag = await rig.token()
    started = await station.call(
        "StartTransaction",
        {"connectorId": 1, "idTag": tag, "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"},
    )
    found = await rig.get("/transactions", search=started["transactionId"])

    check = await rig.post(f"/transactions/{found['items'][0]['id']}/check")

    assert check["finding"] == "failed"
    assert "1.6" in check["description"]
