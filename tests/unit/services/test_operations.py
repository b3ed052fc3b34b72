"""Operations: followed from the request to the end, whatever comes in whatever order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from releve.domain.commands import GetVariables, Outcome, Result
from releve.domain.operation import Operation, OperationState
from releve.services.errors import NotFound, NotNow
from releve.services.live import Inbound, LiveStation
from tests.support.stores import ONE, TWO
from tests.unit.api.api_kit import House, opened

REFUSED = Outcome(result=Result.ANSWERED, status="Rejected", description="not today")


class Desk:
    """A station, its operations, and what it tells."""

    def __init__(self, house: House, station: Any) -> None:
        self.house = house
        self.station = station
        self.operations = house.desk.services.operations
        self.done: list[tuple[Operation, list[int]]] = []

        async def note(work: Any, operation: Operation, parts: Any) -> None:
            self.done.append((operation, [part.seq_no for part in parts]))

        self.operations.when_done("base-report", note)

    async def begin(self, **about: Any) -> Operation:
        return await self.operations.begin(
            ONE,
            self.station.id,
            "base-report",
            lambda number: GetVariables(request_id=number),
            by="ada",
            **about,
        )

    @property
    def inbound(self) -> Inbound:
        live = LiveStation(self.station)
        return Inbound(live, self.house.clock.now(), "NotifyReport", "1", b"{}")

    async def part(self, operation: Operation, seq_no: int, *, last: bool = False) -> Any:
        content = {"seqNo": seq_no}
        return await self.operations.part(
            self.inbound, "base-report", operation.request_id, seq_no, not last, content
        )

    async def status(self, word: str, request_id: int | None) -> Operation | None:
        return await self.operations.progress(
            self.inbound,
            ("base-report",),
            request_id,
            word,
            done={"Uploaded"},
            failed={"UploadFailed"},
            detail={"said": word},
        )

    async def now(self, operation: Operation) -> Operation:
        return await self.operations.get(ONE, operation.id)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as house:
        yield Desk(house, await house.add_station("CP-1"))


async def test_what_the_station_takes_on_runs(desk: Desk) -> None:
    begun = await desk.begin(arguments={"base": "Full"})
    assert (begun.state, begun.status) == (OperationState.RUNNING, "Accepted")
    assert (begun.by, begun.arguments) == ("ada", {"base": "Full"})
    (_, command, _) = desk.house.line.asked[-1]
    assert command.request_id == begun.request_id > 0


async def test_what_it_refuses_has_failed_and_says_why(desk: Desk) -> None:
    desk.house.line.outcome = REFUSED
    begun = await desk.begin()
    assert begun.state is OperationState.FAILED
    assert begun.problem == "The station answered Rejected: not today."
    assert begun.result["status"] == "Rejected"


async def test_a_station_that_is_nobodys_gets_nothing(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.operations.begin(TWO, desk.station.id, "x", lambda n: GetVariables())


async def test_parts_come_in_any_order_and_twice(desk: Desk) -> None:
    begun = await desk.begin()
    for number, last in ((2, True), (0, False), (0, False)):
        told = await desk.part(begun, number, last=last)
        assert told.state is OperationState.RUNNING
    done = await desk.part(begun, 1)
    assert (done.state, done.parts) == (OperationState.DONE, 3)
    assert [operation.id for operation, _ in desk.done] == [begun.id]
    assert desk.done[0][1] == [0, 1, 2]
    assert [p.seq_no for p in await desk.operations.parts(ONE, begun.id)] == [0, 1, 2]
    await desk.part(begun, 1)
    assert len(desk.done) == 1


async def test_parts_that_were_faster_than_the_answer_stand(desk: Desk) -> None:
    perform = desk.house.line.perform

    async def crossing(station: Any, command: Any, *, timeout: float | None = None) -> Outcome:
        told = await desk.operations.part(
            desk.inbound, "base-report", command.request_id, 0, False, {}
        )
        assert told is not None
        return await perform(station, command, timeout=timeout)

    desk.house.line.perform = crossing  # type: ignore[method-assign]
    begun = await desk.begin()
    assert (begun.state, begun.parts) == (OperationState.DONE, 1)


async def test_parts_that_nobody_asked_for_are_not_taken(desk: Desk) -> None:
    begun = await desk.begin()
    inbound = desk.inbound
    number = begun.request_id
    assert await desk.operations.part(inbound, "base-report", number + 1, 0, False, {}) is None
    assert await desk.operations.part(inbound, "other", number, 0, False, {}) is None


async def test_a_number_beyond_all_reason_does_not_complete_anything(desk: Desk) -> None:
    begun = await desk.begin()
    told = await desk.part(begun, 2**31 - 1, last=True)
    assert told.state is OperationState.RUNNING


@pytest.mark.parametrize(("word", "state"), [("Uploaded", "done"), ("UploadFailed", "failed")])
@pytest.mark.parametrize("named", [True, False])
async def test_status_words_move_and_end_it(desk: Desk, word: str, state: str, named: bool) -> None:
    begun = await desk.begin()
    number = begun.request_id if named else None
    moved = await desk.status("Uploading", number)
    assert moved is not None
    assert (moved.state, moved.status) == (OperationState.RUNNING, "Uploading")
    ended = await desk.status(word, number)
    assert ended is not None
    assert (ended.state.value, ended.status, ended.result["said"]) == (state, word, word)
    assert (ended.problem != "") is (state == "failed")
    if not named:
        assert await desk.status(word, None) is None


async def test_what_is_silent_for_too_long_expires_and_may_still_end(desk: Desk) -> None:
    begun = await desk.begin(patience=timedelta(minutes=5))
    assert await desk.operations.expire(ONE) == 0
    desk.house.clock.turn(301)
    assert await desk.operations.expire(ONE) == 1
    expired = await desk.now(begun)
    assert expired.state is OperationState.EXPIRED
    assert "Accepted" in expired.problem
    done = await desk.part(begun, 0, last=True)
    assert (done.state, done.problem) == (OperationState.DONE, "")


async def test_what_is_cancelled_takes_nothing_more(desk: Desk) -> None:
    begun = await desk.begin()
    cancelled = await desk.operations.cancel(ONE, begun.id, by="ada")
    assert (cancelled.state, cancelled.problem) == (OperationState.CANCELLED, "Cancelled by ada.")
    assert await desk.part(begun, 0, last=True) is None
    with pytest.raises(NotNow):
        await desk.operations.cancel(ONE, begun.id)


async def test_one_of_a_removed_station_ends_and_holds_up_no_other(desk: Desk) -> None:
    other = await desk.house.add_station("CP-2")
    orphan = await desk.begin(patience=timedelta(seconds=1))
    later = await desk.operations.begin(
        ONE,
        other.id,
        "base-report",
        lambda number: GetVariables(request_id=number),
        patience=timedelta(seconds=2),
    )
    await desk.house.desk.services.stations.remove(ONE, desk.station.id)
    desk.house.clock.turn(60)
    await desk.operations.expire(ONE)
    assert (await desk.now(orphan)).state is OperationState.EXPIRED
    assert (await desk.now(later)).state is OperationState.EXPIRED
