"""Operations, their parts, holdings and documents, in either database."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import msgspec

from releve.domain.holding import Document, Holding
from releve.domain.ids import OperationId
from releve.domain.operation import Operation, OperationPart, OperationState
from releve.services.views import OperationFilter
from tests.support.stores import NOW, ONE, TWO, station


class Message(Holding, frozen=True, kw_only=True):
    kind: ClassVar[str] = "message"
    number: int
    text: str = ""

    @property
    def key(self) -> str:
        return str(self.number)


class Note(Document, frozen=True, kw_only=True):
    kind: ClassVar[str] = "note"
    name: str
    lines: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.name


def operation(number: int, at, **about) -> Operation:
    return Operation(
        id=OperationId(number),
        operator=ONE,
        kind=about.pop("kind", "base-report"),
        station=at.id,
        request_id=about.pop("request_id", number),
        created_at=NOW,
        updated_at=NOW,
        deadline_at=about.pop("deadline_at", NOW + timedelta(minutes=15)),
        **about,
    )


async def given_station(store):
    added = station("CP-1")
    async with store.work(ONE) as work:
        work.stations.add(added)
    return added


async def test_an_operation_comes_back_whole_and_moves(store):
    at = await given_station(store)
    made = operation(9, at, arguments={"base": "FullInventory"}, by="ada")
    async with store.work(ONE) as work:
        work.operations.add(made)
    moved = msgspec.structs.replace(
        made, state=OperationState.RUNNING, status="Accepted", parts=2, last_part=4, result={"n": 1}
    )
    async with store.work(ONE) as work:
        assert await work.operations.get(made.id) == made
        work.operations.save(moved)
    async with store.work(ONE) as work:
        assert await work.operations.requested(at.id, 9) == [moved]
        assert await work.operations.unfinished(at.id, ("base-report",)) == [moved]
        assert await work.operations.unfinished(at.id, ("firmware-update",)) == []
    async with store.work(TWO) as work:
        assert await work.operations.get(made.id) is None


async def test_an_answer_does_not_undo_what_was_told_before_it(store):
    at = await given_station(store)
    made = operation(9, at)
    done = msgspec.structs.replace(made, state=OperationState.DONE, parts=1, last_part=0)
    async with store.work(ONE) as work:
        work.operations.add(made)
    async with store.work(ONE) as work:
        work.operations.save(done)
    async with store.work(ONE) as work:
        work.operations.answered(msgspec.structs.replace(made, state=OperationState.RUNNING))
    async with store.work(ONE) as work:
        assert await work.operations.get(made.id) == done


async def test_overdue_are_those_that_have_not_ended(store):
    at = await given_station(store)
    late = operation(1, at, deadline_at=NOW)
    over = operation(2, at, deadline_at=NOW, state=OperationState.DONE)
    async with store.work(ONE) as work:
        for one in (late, over, operation(3, at)):
            work.operations.add(one)
    async with store.work(ONE) as work:
        assert await work.operations.overdue(NOW) == [late]


async def test_parts_are_kept_once_by_number(store):
    at = await given_station(store)
    made = operation(9, at)
    parts = [
        OperationPart(operation=made.id, operator=ONE, seq_no=n, received_at=NOW, content={"n": n})
        for n in (1, 0)
    ]
    async with store.work(ONE) as work:
        work.operations.add(made)
        for part in parts:
            work.operations.add_part(part)
    async with store.work(ONE) as work:
        work.operations.add_part(msgspec.structs.replace(parts[0], content={"n": "other"}))
    async with store.work(ONE) as work:
        assert await work.operations.parts(made.id) == parts[::-1]


async def test_the_catalogue_lists_them_newest_first(store):
    at = await given_station(store)
    async with store.work(ONE) as work:
        for number in (1, 2, 3):
            work.operations.add(operation(number, at))
        work.operations.add(operation(4, at, state=OperationState.FAILED, problem="no"))
    shown = await store.catalogue.operations(ONE, OperationFilter(station=str(at.id)), limit=2)
    assert [one.id for one in shown.items] == ["4", "3"]
    assert (shown.items[0].problem, shown.items[0].identity) == ("no", "CP-1")
    rest = await store.catalogue.operations(
        ONE, OperationFilter(state="open"), after=shown.next, limit=5
    )
    assert [one.id for one in rest.items] == ["2", "1"]
    assert (await store.catalogue.operations(TWO, OperationFilter())).items == []
    assert await store.catalogue.operation(TWO, "4") is None


async def test_holdings_are_by_station_kind_and_key(store):
    at = await given_station(store)
    async with store.work(ONE) as work:
        work.holdings.save(at.id, Message(number=1, text="a"))
        work.holdings.save(at.id, Message(number=2, text="b"))
    async with store.work(ONE) as work:
        work.holdings.save(at.id, Message(number=1, text="c"))
        work.holdings.remove(at.id, Message, "2")
        work.holdings.save(at.id, Message(number=3, text="nul\x00"))
    async with store.work(ONE) as work:
        assert [m.text for m in await work.holdings.all(at.id, Message)] == ["c", "nul\x00"]
        assert await work.holdings.get(at.id, Message, "2") is None
        assert await work.holdings.of_all(Message) == [
            (at.id, Message(number=1, text="c")),
            (at.id, Message(number=3, text="nul\x00")),
        ]
    async with store.work(TWO) as work:
        assert await work.holdings.all(at.id, Message) == []
        await work.holdings.clear(at.id, Message)
    async with store.work(ONE) as work:
        await work.holdings.clear(at.id, Message)
        work.holdings.save(at.id, Message(number=4))
    async with store.work(ONE) as work:
        assert await work.holdings.all(at.id, Message) == [Message(number=4)]


async def test_documents_are_the_operators(store):
    async with store.work(ONE) as work:
        work.documents.save(Note(name="a", lines=("x",)))
        work.documents.save(Note(name="b"))
    async with store.work(ONE) as work:
        work.documents.save(Note(name="b", lines=("y",)))
        work.documents.remove(Note, "a")
    async with store.work(ONE) as work:
        assert await work.documents.all(Note) == [Note(name="b", lines=("y",))]
        assert await work.documents.get(Note, "a") is None
