"""H, reservations: asked for, used, over, refused, in 2.0.1 and 2.1; and in 1.6, where a connector is an EVSE."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.certification.charging import Charge, connector, start16, status16, stop16
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case

both = pytest.mark.parametrize("version", VERSIONS)


def until(minutes: float = 10) -> str:
    """A time to reserve until."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


async def reserve(rig: Rig, station: ScriptedStation, **wish: Any) -> dict[str, Any]:
    """Reserve through the API; what came of it."""
    wish.setdefault("expires_at", until())
    return dict(await rig.post(f"/stations/{station.id}/reservations", wish))


async def reserved(rig: Rig, version: str, **wish: Any) -> tuple[ScriptedStation, dict[str, Any]]:
    """A station that keeps EVSE 1 free, and the reservation."""
    station = await rig.station(version)
    await connector(station, "Available")
    station.answers("ReserveNow", {"status": "Accepted"})
    token = wish.pop("token", None) or await rig.token()
    result = await reserve(rig, station, **({"evse": 1} | wish), token=token)
    assert result["accepted"]
    return station, dict(result["reservation"])


async def state_of(rig: Rig, reservation: dict[str, Any]) -> str:
    """How far it is."""
    return str((await rig.get(f"/reservations/{reservation['id']}"))["state"])


async def tells(station: ScriptedStation, number: int, status: str) -> None:
    """A ReservationStatusUpdate, which is acknowledged."""
    update = {"reservationId": number, "reservationUpdateStatus": status}
    assert await station.call("ReservationStatusUpdate", update) == {}


@case("TC_H_01_CSMS")
@both
@pytest.mark.parametrize("notify_event", [False, True])
async def test_an_evse_is_reserved_and_used(rig: Rig, version: str, notify_event: bool) -> None:
    station, row = await reserved(rig, version)
    (asked,) = station.asked("ReserveNow")
    assert (asked["evseId"], asked["id"]) == (1, row["number"])
    assert asked["idToken"] == {"idToken": row["token"], "type": "ISO14443"}
    assert "connectorType" not in asked
    await connector(station, "Reserved", notify_event=notify_event)
    (evse,) = await evses(rig, station)
    assert evse["status"] == "Reserved"

    charge = Charge(station, row["token"])
    await charge.begin(reservationId=row["number"])

    assert await state_of(rig, row) == "used"
    used = await rig.get(f"/reservations/{row['id']}")
    assert used["transaction"] == (await charge.row(rig))["id"]


async def evses(rig: Rig, station: ScriptedStation) -> list[dict[str, Any]]:
    """Its connectors, as the API shows them."""
    return list((await rig.get(f"/stations/{station.id}"))["evses"])


@case("TC_H_07_CSMS")
@both
async def test_nobody_comes(rig: Rig, version: str) -> None:
    station, row = await reserved(rig, version)
    await connector(station, "Reserved")

    await connector(station, "Available")
    await tells(station, row["number"], "Expired")

    assert await state_of(rig, row) == "expired"


@case("TC_H_08_CSMS")
@both
async def test_any_evse(rig: Rig, version: str) -> None:
    station, row = await reserved(rig, version, evse=None)

    (asked,) = station.asked("ReserveNow")
    assert "evseId" not in asked
    assert "connectorType" not in asked
    assert await state_of(rig, row) == "active"


@case("TC_H_14_CSMS")
@both
async def test_as_many_reservations_as_evses(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers(
        "ReserveNow", [{"status": "Accepted"}, {"status": "Accepted"}, {"status": "Occupied"}]
    )
    for evse in (1, 2):
        await connector(station, "Available", evse=evse)
    for _ in (1, 2):
        result = await reserve(rig, station, token=await rig.token())
        assert result["reservation"]["state"] == "active"
    for evse in (1, 2):
        await connector(station, "Reserved", evse=evse)

    body = {"token": await rig.token(), "expires_at": until()}
    refused = await rig.post(f"/stations/{station.id}/reservations", body, status=409)
    assert "reserved for" in refused["detail"]
    result = await reserve(rig, station, **body, anyway=True)

    assert (result["status"], result["reservation"]["state"]) == ("Occupied", "refused")
    found = await rig.get("/reservations", station=station.id, open="true")
    assert len(found["items"]) == 2


@case("TC_H_15_CSMS")
@both
async def test_a_type_of_connector(rig: Rig, version: str) -> None:
    station, row = await reserved(rig, version, evse=None, connector_type="cCCS2")

    (asked,) = station.asked("ReserveNow")
    assert (asked["connectorType"], "evseId" in asked) == ("cCCS2", False)
    assert (await rig.get(f"/reservations/{row['id']}"))["connector_type"] == "cCCS2"


@case("TC_H_17_CSMS")
@both
async def test_it_is_cancelled(rig: Rig, version: str) -> None:
    station, row = await reserved(rig, version)
    station.answers("CancelReservation", {"status": "Accepted"})

    result = await rig.post(f"/reservations/{row['id']}/cancel")

    assert station.asked("CancelReservation") == [{"reservationId": row["number"]}]
    assert (result["accepted"], result["reservation"]["state"]) == (True, "cancelled")
    await rig.post(f"/reservations/{row['id']}/cancel", status=409)


@case("TC_H_19_CSMS")
@both
async def test_another_of_the_group_uses_it(rig: Rig, version: str) -> None:
    mine = await rig.token(group="FAMILY")
    station, row = await reserved(rig, version, token=mine)
    (asked,) = station.asked("ReserveNow")
    assert asked["groupIdToken"]["idToken"] == "FAMILY"

    other = Charge(station, await rig.token(group="FAMILY"))
    answer = await other.begin(reservationId=row["number"])

    assert answer["idTokenInfo"]["groupIdToken"]["idToken"] == "FAMILY"
    assert await state_of(rig, row) == "used"


@case("TC_H_20_CSMS")
@both
async def test_the_evse_breaks_down(rig: Rig, version: str) -> None:
    station, row = await reserved(rig, version)
    await connector(station, "Reserved")

    await connector(station, "Faulted")
    await tells(station, row["number"], "Removed")

    found = await rig.get(f"/reservations/{row['id']}")
    assert (found["state"], found["status"]) == ("removed", "Removed")


@case("TC_H_22_CSMS")
@both
@pytest.mark.parametrize("status", ["Rejected", "Faulted", "Occupied", "Unavailable"])
async def test_the_station_refuses(rig: Rig, version: str, status: str) -> None:
    station = await rig.station(version)
    station.answers("ReserveNow", {"status": status})

    result = await reserve(rig, station, evse=1, token=await rig.token())

    assert not result["accepted"]
    assert (result["reservation"]["state"], result["reservation"]["status"]) == ("refused", status)


# --- 1.6 --------------------------------------------------------------------------------------------------------


async def reserved16(
    rig: Rig, *, evse: int | None = 1, **wish: Any
) -> tuple[ScriptedStation, dict[str, Any]]:
    """A 1.6 station that keeps a connector free, and the reservation."""
    station = await rig.station("1.6")
    await status16(station, "Available")
    station.answers("ReserveNow", {"status": "Accepted"})
    token = wish.pop("token", None) or await rig.token()
    result = await reserve(rig, station, evse=evse, token=token, **wish)
    assert result["accepted"]
    return station, dict(result["reservation"])


@case("TC_046_CSMS")
async def test_16_a_connector_is_reserved_and_used(rig: Rig) -> None:
    station, row = await reserved16(rig)
    (asked,) = station.asked("ReserveNow")
    assert (asked["connectorId"], asked["idTag"]) == (1, row["token"])
    assert asked["reservationId"] == row["number"]
    await status16(station, "Reserved")

    started = await start16(station, row["token"], reservationId=row["number"])
    assert started["idTagInfo"]["status"] == "Accepted"

    assert await state_of(rig, row) == "used"
    stopped = await stop16(station, started["transactionId"], wh=1100)
    assert stopped == {}


@case("TC_047_CSMS")
async def test_16_nobody_comes(rig: Rig) -> None:
    """1.6 has no message for the end of a reservation: the system's clock ends it (`services.reservations.expire`)."""
    station, row = await reserved16(rig, expires_at=until(0.02))
    await status16(station, "Reserved")
    await status16(station, "Available")

    node = rig.running.node
    after = node.clock.now() + timedelta(minutes=5)
    for operator in await node.store.operators():
        await node.services.reservations.expire(operator, after)

    assert await state_of(rig, row) == "expired"


@case("TC_048_1_CSMS", "TC_048_2_CSMS", "TC_048_3_CSMS", "TC_048_4_CSMS")
@pytest.mark.parametrize("status", ["Faulted", "Occupied", "Unavailable", "Rejected"])
async def test_16_the_station_refuses(rig: Rig, status: str) -> None:
    station = await rig.station("1.6")
    if status == "Unavailable":
        station.answers("ChangeAvailability", {"status": "Accepted"})
        await rig.post(f"/stations/{station.id}/availability", {"operative": False, "evse": 1})
        await status16(station, "Unavailable")
    if status == "Faulted":
        await status16(station, "Faulted", error="HighTemperature")
    if status == "Occupied":
        await start16(station, await rig.token())
        await status16(station, "Charging")
    station.answers("ReserveNow", {"status": status})
    body = {"evse": 1, "token": await rig.token(), "expires_at": until()}

    if status != "Rejected":  # what is known here already is refused without asking the station
        await rig.post(f"/stations/{station.id}/reservations", body, status=409)
        assert station.asked("ReserveNow") == []
    result = await reserve(rig, station, **body, anyway=True)

    assert (result["status"], result["reservation"]["state"]) == (status, "refused")


@case("TC_049_CSMS")
async def test_16_any_connector(rig: Rig) -> None:
    station, row = await reserved16(rig, evse=None)

    (asked,) = station.asked("ReserveNow")
    assert asked["connectorId"] == 0
    started = await start16(station, row["token"], reservationId=row["number"])
    assert started["idTagInfo"]["status"] == "Accepted"
    assert await state_of(rig, row) == "used"


@case("TC_051_CSMS")
async def test_16_it_is_cancelled(rig: Rig) -> None:
    station, row = await reserved16(rig)
    station.answers("CancelReservation", {"status": "Accepted"})

    result = await rig.post(f"/reservations/{row['id']}/cancel")

    assert station.asked("CancelReservation") == [{"reservationId": row["number"]}]
    assert result["reservation"]["state"] == "cancelled"


@case("TC_052_CSMS")
async def test_16_a_reservation_that_the_station_does_not_know(rig: Rig) -> None:
    station, row = await reserved16(rig)
    station.answers("CancelReservation", {"status": "Rejected"})

    result = await rig.post(f"/reservations/{row['id']}/cancel")

    assert (result["status"], result["accepted"]) == ("Rejected", False)
    assert result["reservation"]["state"] == "removed"
    assert "did not know it" in result["reservation"]["note"]


@case("TC_053_CSMS")
async def test_16_another_of_the_parent_uses_it(rig: Rig) -> None:
    station, row = await reserved16(rig, token=await rig.token(group="FAMILY"))
    (asked,) = station.asked("ReserveNow")
    assert asked["parentIdTag"] == "FAMILY"
    other = await rig.token(group="FAMILY")
    info = (await station.call("Authorize", {"idTag": other}))["idTagInfo"]
    assert (info["status"], info["parentIdTag"]) == ("Accepted", "FAMILY")

    await start16(station, other, reservationId=row["number"])

    assert await state_of(rig, row) == "used"


# --- what the certification does not ask for --------------------------------------------------------------------


async def test_a_replacement_takes_the_place_of_the_old_one(rig: Rig) -> None:
    station, row = await reserved(rig, "2.0.1")

    result = await reserve(rig, station, evse=1, token=row["token"], replaces=row["id"])

    first, second = station.asked("ReserveNow")
    assert first["id"] == second["id"]  # H01.FR.02
    assert result["reservation"]["state"] == "active"
    assert await state_of(rig, row) == "cancelled"


@pytest.mark.parametrize(
    ("wish", "status", "words"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "over already"),
        ({"evse": 1, "connector_type": "cCCS2"}, 422, "either"),
        ({"token": "NOBODY"}, 409, "may not charge"),
        ({"replaces": "17"}, 422, "no such reservation"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_in_words(
    rig: Rig, wish: dict[str, Any], status: int, words: str
) -> None:
    station = await rig.station("2.0.1")
    body = {"token": await rig.token(), "expires_at": until(), **wish}

    refused = await rig.post(f"/stations/{station.id}/reservations", body, status=status)

    assert words in refused["detail"]
    assert station.asked("ReserveNow") == []


async def test_what_1_6_cannot_say(rig: Rig) -> None:
    station = await rig.station("1.6")

    result = await reserve(rig, station, token=await rig.token(), connector_type="cCCS2")

    assert result["result"] == "unsupported"
    assert result["reservation"]["state"] == "refused"
    assert "type of a connector" in result["reservation"]["note"]


async def test_a_status_of_an_unknown_reservation_is_kept(rig: Rig) -> None:
    station = await rig.station("2.1")

    await tells(station, 4711, "NoTransaction")
