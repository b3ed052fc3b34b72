"""G, availability of 2.0.1 and 2.1: asked for, scheduled, reported one way or the other; a lock that fails."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.charging import connector, now
from tests.contract.certification.test_e_transactions import both, charging
from tests.support.rig import Rig, case

PLACES = pytest.mark.parametrize(
    ("body", "evse"),
    [
        ({"evse": 1}, {"id": 1}),
        ({}, None),
        ({"evse": 1, "connector": 1}, {"id": 1, "connectorId": 1}),
    ],
    ids=["evse", "station", "connector"],
)


async def wishes(rig: Rig, station: Any) -> list[dict[str, Any]]:
    """What the operator wants of the station's availability."""
    return list((await rig.get(f"/stations/{station.id}/availability"))["items"])


@case(
    "TC_G_03_CSMS",
    "TC_G_04_CSMS",
    "TC_G_05_CSMS",
    "TC_G_06_CSMS",
    "TC_G_07_CSMS",
    "TC_G_08_CSMS",
)
@both
@PLACES
async def test_out_of_service_and_back(
    rig: Rig, version: str, body: dict[str, int], evse: dict[str, int] | None
) -> None:
    station = await rig.station(version)
    await connector(station, "Available")
    station.answers("ChangeAvailability", {"status": "Accepted"})

    for operative, word, status in (
        (False, "Inoperative", "Unavailable"),
        (True, "Operative", "Available"),
    ):
        result = await rig.post(
            f"/stations/{station.id}/availability", {"operative": operative, **body}
        )
        assert result["accepted"]
        asked = station.asked("ChangeAvailability")[-1]
        assert asked == {"operationalStatus": word} | ({"evse": evse} if evse else {})
        await connector(station, status)
        (row,) = (await rig.get(f"/stations/{station.id}"))["evses"]
        assert row["status"] == status
        (wish,) = await wishes(rig, station)
        assert (wish["operative"], wish["status"]) == (operative, "Accepted")


@case("TC_G_11_CSMS", "TC_G_14_CSMS", "TC_G_17_CSMS")
@both
@PLACES
async def test_out_of_service_after_the_transaction(
    rig: Rig, version: str, body: dict[str, int], evse: dict[str, int] | None
) -> None:
    station, charge = await charging(rig, version)
    station.answers("ChangeAvailability", {"status": "Scheduled"})

    result = await rig.post(f"/stations/{station.id}/availability", {"operative": False, **body})

    assert (result["status"], result["accepted"]) == ("Scheduled", True)
    assert station.asked("ChangeAvailability")[0].get("evse") == evse
    (wish,) = await wishes(rig, station)
    assert (wish["status"], wish["fulfilled"]) == ("Scheduled", False)
    await charge.end()
    await connector(station, "Unavailable")
    (wish,) = await wishes(rig, station)
    assert wish["fulfilled"]


@both
async def test_a_station_that_refuses(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("ChangeAvailability", {"status": "Rejected"})

    result = await rig.post(f"/stations/{station.id}/availability", {"operative": False, "evse": 9})

    assert not result["accepted"]
    (wish,) = await wishes(rig, station)
    assert (wish["evse"], wish["status"]) == (9, "Rejected")


@case("TC_G_20_CSMS")
@both
async def test_a_lock_that_fails_is_taken_in(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    event = {
        "eventId": 1,
        "timestamp": now(),
        "trigger": "Delta",
        "actualValue": "true",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Problem"},
    }

    body = {"generatedAt": now(), "seqNo": 0, "eventData": [event]}
    assert await station.call("NotifyEvent", body) == {}  # G05.FR.03


@case("TC_G_01_CSMS")
@pytest.mark.parametrize("status", ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
async def test_a_connector_is_reported_by_an_event(rig: Rig, status: str) -> None:
    station = await rig.station("2.1")

    assert await connector(station, status, notify_event=True) == {}

    (row,) = (await rig.get(f"/stations/{station.id}"))["evses"]
    assert (row["evse"], row["connector"], row["status"]) == (1, 1, status)
