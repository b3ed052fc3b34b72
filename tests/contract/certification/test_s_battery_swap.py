"""S, battery swap: the cases of 2.1."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.rig import Rig, ScriptedStation, case


def battery(serial: str, slot: int, soc: float = 90.0) -> dict[str, Any]:
    return {"evseId": slot, "serialNumber": serial, "soC": soc, "soH": 97.5}


async def swap(
    station: ScriptedStation, event: str, number: int, token: str, *batteries: dict[str, Any]
) -> None:
    notice = {
        "eventType": event,
        "requestId": number,
        "idToken": {"idToken": token, "type": "ISO14443"},
        "batteryData": list(batteries),
    }
    assert await station.call("BatterySwap", notice) == {}


async def stock(rig: Rig, station: ScriptedStation) -> list[tuple[int, str]]:
    found = await rig.get(f"/stations/{station.id}/batteries")
    return [(b["slot"], b["serial"]) for b in found["items"]]


@case("TC_S_102_CSMS")
async def test_not_enough_batteries(rig: Rig) -> None:
    """S02: the station's reason reaches the operator."""
    token = await rig.token()
    station = await rig.station("2.1")
    info = {"reasonCode": "NoBatteryAvailable"}
    station.answers("RequestBatterySwap", {"status": "Rejected", "statusInfo": info})
    operation = await rig.post(f"/stations/{station.id}/battery-swaps", {"token": token})
    assert (operation["state"], operation["status"]) == ("failed", "Rejected")
    assert "NoBatteryAvailable" in operation["problem"]
    (asked,) = station.asked("RequestBatterySwap")
    assert asked["idToken"] == {"idToken": token, "type": "ISO14443"}


@case("TC_S_103_CSMS")
async def test_a_swap_from_afar(rig: Rig) -> None:
    """S03: the empty ones go in, charged ones come out, under the number of the request."""
    token = await rig.token()
    station = await rig.station("2.1")
    await swap(station, "BatteryIn", 1, "SERVICE", battery("FULL-1", 1), battery("FULL-2", 2))
    station.answers("RequestBatterySwap", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/battery-swaps", {"token": token})
    assert operation["state"] == "running"
    number = station.asked("RequestBatterySwap")[0]["requestId"]
    await swap(station, "BatteryIn", number, token, battery("EMPTY-1", 3, 8.0))
    assert await stock(rig, station) == [(1, "FULL-1"), (2, "FULL-2"), (3, "EMPTY-1")]
    await swap(station, "BatteryOut", number, token, battery("FULL-1", 1))
    ended = await rig.ended(operation)
    assert (ended["state"], ended["status"]) == ("done", "BatteryOut")
    assert await stock(rig, station) == [(2, "FULL-2"), (3, "EMPTY-1")]
    swaps = (await rig.get(f"/stations/{station.id}/battery-swaps"))["items"]
    assert [step["event"] for step in swaps[0]["steps"]] == ["BatteryIn", "BatteryOut"]
    assert swaps[0]["token"] == token


async def test_batteries_that_nobody_takes_stay(rig: Rig) -> None:
    token = await rig.token()
    station = await rig.station("2.1")
    station.answers("RequestBatterySwap", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/battery-swaps", {"token": token})
    number = station.asked("RequestBatterySwap")[0]["requestId"]
    await swap(station, "BatteryOutTimeout", number, token, battery("FULL-1", 1))
    assert (await rig.ended(operation))["state"] == "failed"
    assert await stock(rig, station) == [(1, "FULL-1")]


@pytest.mark.parametrize("about", [{"blocked": True}, {"expires_at": "2020-01-01T00:00:00Z"}, None])
async def test_a_token_that_is_not_authorised_does_not_swap(rig: Rig, about: Any) -> None:
    """S02.FR.03: the station is not even asked."""
    token = "NOBODY" if about is None else await rig.token(**about)
    station = await rig.station("2.1")
    station.answers("RequestBatterySwap", {"status": "Accepted"})
    refused = await rig.post(f"/stations/{station.id}/battery-swaps", {"token": token}, status=422)
    assert "not authorised" in refused["detail"]
    assert station.asked("RequestBatterySwap") == []
