"""1.6: who may charge, by Authorize and by StartTransaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.rig import Rig, ScriptedStation, case, now


async def start(station: ScriptedStation, card: str, connector: int = 1) -> dict[str, Any]:
    payload = {"connectorId": connector, "idTag": card, "meterStart": 0, "timestamp": now()}
    return await station.call("StartTransaction", payload)


async def authorize(station: ScriptedStation, card: str) -> dict[str, Any]:
    answer = await station.call("Authorize", {"idTag": card})
    return dict(answer["idTagInfo"])


@case("TC_007_CSMS")
async def test_a_start_from_the_cache_is_judged_and_accepted(rig: Rig) -> None:
    station = await rig.station("1.6")
    card = await rig.token(group="FLEET")
    await station.status("Preparing")
    answer = await start(station, card)  # no Authorize before
    assert answer["idTagInfo"] == {"status": "Accepted", "parentIdTag": "FLEET"}
    assert answer["transactionId"] > 0


@case("TC_023_1_CSMS")
async def test_an_unknown_card_is_invalid(rig: Rig) -> None:
    station = await rig.station("1.6")
    assert await authorize(station, "NOBODYS") == {"status": "Invalid"}
    answer = await start(station, "NOBODYS")
    assert answer["idTagInfo"]["status"] == "Invalid"
    assert answer["transactionId"] > 0, "there is a transaction all the same"


@case("TC_023_2_CSMS")
async def test_an_expired_card_is_expired(rig: Rig) -> None:
    station = await rig.station("1.6")
    past = datetime.now(UTC) - timedelta(hours=1)
    card = await rig.token(expires_at=past.isoformat())
    assert (await authorize(station, card))["status"] == "Expired"
    assert (await start(station, card))["idTagInfo"]["status"] == "Expired"


@case("TC_023_3_CSMS")
async def test_a_blocked_card_is_blocked(rig: Rig) -> None:
    station = await rig.station("1.6")
    card = await rig.token(blocked=True)
    assert (await authorize(station, card))["status"] == "Blocked"
    assert (await start(station, card))["idTagInfo"]["status"] == "Blocked"


@case("TC_061_CSMS")
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
async def test_the_cache_is_cleared(rig: Rig, status: str) -> None:
    station = await rig.station("1.6")
    station.answers("ClearCache", {"status": status})
    result = await rig.post(f"/stations/{station.id}/clear-cache")
    assert (result["result"], result["status"]) == ("answered", status)
    assert station.asked("ClearCache") == [{}]


async def test_what_1_6_has_no_word_for_is_blocked(rig: Rig) -> None:
    station = await rig.station("1.6")
    card = await rig.token(places=[f"{station.identity}/2"])
    assert (await authorize(station, card))["status"] == "Accepted"
    assert (await start(station, card, connector=1))["idTagInfo"]["status"] == "Blocked"
    assert (await start(station, card, connector=2))["idTagInfo"]["status"] == "Accepted"
    elsewhere = await rig.token(places=["OTHER"])
    assert (await authorize(station, elsewhere))["status"] == "Blocked"
    empty = await rig.token(credit="0")
    assert (await authorize(station, empty))["status"] == "Blocked"
