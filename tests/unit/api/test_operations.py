"""Operations through the API: parts, waiting, and what only administrators may read."""

from __future__ import annotations

import pytest

from releve.domain.commands import ClearCache
from releve.domain.operation import CONFIDENTIAL
from releve.services.live import Inbound, LiveStation
from tests.support.stores import ONE
from tests.unit.api.api_kit import House


async def begun(house: House, kind: str) -> str:
    """An operation that has ended with one part; its id."""
    station = await house.add_station("CP-1")
    operations = house.desk.services.operations
    made = await operations.begin(ONE, station.id, kind, lambda _: ClearCache(), by="ada")
    inbound = Inbound(LiveStation(station), house.clock.now(), "NotifyReport", "1", b"{}")
    await operations.part(inbound, kind, made.request_id, 0, False, {"data": "Ada, 3 Elm Street"})
    return str(made.id)


async def test_one_that_has_ended_is_not_waited_for(house: House) -> None:
    number = await begun(house, "base-report")
    shown = await house.get(f"/operations/{number}?wait=60")
    assert (shown["state"], shown["parts"], shown["by"]) == ("done", 1, "ada")
    (part,) = (await house.get(f"/operations/{number}/parts"))["items"]
    assert part["content"] == {"data": "Ada, 3 Elm Street"}


@pytest.mark.parametrize("kind", sorted(CONFIDENTIAL))
async def test_what_a_station_knows_of_a_person_is_for_administrators(
    house: House, kind: str
) -> None:
    number = await begun(house, kind)
    path = f"/api/v1/operations/{number}/parts"
    for scope, status in (("read", 403), ("admin", 200)):
        headers = await house.key("read", scope)
        answer = await house.client.get(path, headers=headers)
        assert answer.status_code == status, answer.text
        assert ("Elm Street" in answer.text) is (status == 200)


async def test_one_of_nobody_is_not_found(house: House) -> None:
    answer = await house.client.get("/api/v1/operations/77")
    assert answer.status_code == 404
