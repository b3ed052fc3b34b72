"""Files, passes, events of monitors and values of streams, and how they go again, in either database."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from releve.domain.diagnostics import CUSTOMER
from releve.domain.file import FileId, FileKind, PassId
from releve.domain.ids import OperationId, StationId
from releve.domain.monitoring import EventId
from releve.domain.operation import Operation, OperationPart, OperationState
from releve.services.views import EventFilter, FileFilter
from releve.storage import retention
from tests.support.stores import NOW, ONE, TWO, station
from tests.support.tenants_upkeep import TheirUpkeep

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
changed = msgspec.structs.replace


@pytest.fixture
async def at(store) -> StationId:
    """A station's row id."""
    added = station("CP-1")
    async with store.work(ONE) as work:
        work.stations.add(added)
    return added.id


async def write(store, *calls, operator=ONE):
    """Each call gets the unit of work."""
    async with store.work(operator) as work:
        for call in calls:
            call(work)


async def test_a_file_comes_back_whole_and_is_forgotten(store, at):
    file = changed(TheirUpkeep(ONE, at).file, size=2**40, by="ada", name="Größe 1.log")
    images = [
        changed(file, id=FileId(number), kind=FileKind.FIRMWARE, station=None, operation=None)
        for number in (91, 92)
    ]
    late = changed(file, id=FileId(93), created_at=NOW + SECOND)
    await write(store, *(lambda w, f=f: w.files.add(f) for f in (file, *images, late)))
    async with store.work(ONE) as work:
        assert await work.files.get(file.id) == file
        assert await work.files.get(images[0].id) == images[0]
        assert await work.files.of_operation(77) == [late, file]
        assert await work.files.of_operation(78) == []
        assert await work.files.total() == 4 * 2**40
        assert await work.files.older(FileKind.LOG, NOW) == []
        assert await work.files.older(FileKind.LOG, NOW + SECOND) == [file]
        assert await work.files.older(FileKind.LOG, NOW + DAY) == [file, late]
    shown = await store.catalogue.files(ONE, FileFilter(station=str(at), kind="log"))
    assert [(one.id, one.identity) for one in shown.items] == [("93", "CP-1"), ("81", "CP-1")]
    first = await store.catalogue.files(ONE, FileFilter(), limit=1)
    rest = await store.catalogue.files(ONE, FileFilter(), after=first.next)
    assert [one.id for one in (*first.items, *rest.items)] == ["93", "92", "91", "81"]

    await write(store, lambda w: w.files.remove(file.id))
    async with store.work(ONE) as work:
        assert await work.files.get(file.id) is None
        assert await work.files.total() == 3 * 2**40
    assert await store.catalogue.file(ONE, "81") is None


async def test_a_pass_is_used_and_ended(store, at):
    leave = TheirUpkeep(ONE, at).leave
    other = changed(leave, id=PassId(83), operation=OperationId(78))
    fetching = changed(leave, id=PassId(84), operation=None, file=81, station=None)
    await write(store, *(lambda w, p=p: w.files.add_pass(p) for p in (leave, other, fetching)))
    async with store.work(TWO) as work:  # a pass says by itself whose it is
        assert await work.files.find_pass(leave.id) == leave
        assert await work.files.find_pass(fetching.id) == fetching
        assert await work.files.find_pass(PassId(1)) is None
    await write(
        store,
        lambda w: w.files.use_pass(other, NOW + SECOND),
        lambda w: w.files.end_passes(at, 77),
    )
    async with store.work(ONE) as work:
        assert (await work.files.find_pass(other.id)).used_at == NOW + SECOND
        assert (await work.files.find_pass(other.id)).expires_at == other.expires_at
        ended = await work.files.find_pass(leave.id)
        assert ended.expires_at < NOW
        assert ended.used_at is None
        assert await work.files.find_pass(fetching.id) == fetching


async def test_an_event_that_is_told_twice_is_one(store, at):
    event = changed(
        TheirUpkeep(ONE, at).event,
        severity=3,
        evse=1,
        connector=2,
        monitor=7,
        tech_info="Lüfter, 100 %",
        cleared=True,
    )
    await write(store, lambda w: w.events.add(event))
    again = changed(event, id=EventId(84), received_at=NOW + SECOND)
    other = changed(event, id=EventId(85), event=2, severity=9, value=None, at=NOW + SECOND)
    await write(store, lambda w: w.events.add(again), lambda w: w.events.add(other))
    shown = (await store.catalogue.station_events(ONE, EventFilter())).items
    assert [(one.id, one.value) for one in shown] == [("85", None), ("83", "1")]
    told = shown[1]
    assert (told.severity, told.evse, told.connector, told.monitor) == (3, 1, 2, 7)
    assert (told.tech_info, told.cleared, told.at) == ("Lüfter, 100 %", True, NOW)

    async def found(**wanted) -> list[str]:
        page = await store.catalogue.station_events(ONE, EventFilter(**wanted))
        return [one.id for one in page.items]

    assert await found(severity=3) == ["83"]
    assert await found(severity=9, station=str(at)) == ["85", "83"]
    assert await found(station=str(int(at) + 1)) == []
    assert await found(search="lüfter, 100 %") == ["85", "83"]
    assert await found(search="100 x") == []
    assert await found(since=NOW + SECOND) == ["85"]
    assert await found(until=NOW + SECOND) == ["83"]


async def test_values_of_streams_are_kept_once_newest_first(store, at):
    value = TheirUpkeep(ONE, at).value
    parts = [
        changed(value, at=NOW + second * SECOND, part=part, value=f"{second}.{part}")
        for second in range(3)
        for part in range(2)
    ]
    await write(store, *(lambda w, v=v: w.events.add_value(v) for v in parts))
    other = changed(value, monitor=2, value="other")
    repeated = changed(parts[0], value="told otherwise")
    await write(store, lambda w: w.events.add_value(repeated), lambda w: w.events.add_value(other))

    async def values(since=None, until=None, limit=10) -> list[str]:
        async with store.work(ONE) as work:
            found = await work.events.values(at, 1, since, until, limit)
        return [one.value for one in found]

    assert await values() == ["2.1", "2.0", "1.1", "1.0", "0.1", "0.0"]
    assert await values(since=NOW + SECOND, until=NOW + 2 * SECOND) == ["1.1", "1.0"]
    assert await values(limit=3) == ["2.1", "2.0", "1.1"]


async def test_events_values_and_passes_go_by_their_age(store, at, clock, monkeypatch):
    monkeypatch.setattr(retention, "STEP", 2)  # several rounds
    upkeep = TheirUpkeep(ONE, at)
    ages = (0, 1, 5, 9, 10, 11, 12)
    for number, days in enumerate(ages):
        then = NOW - days * DAY
        event = changed(upkeep.event, id=EventId(100 + number), at=then, received_at=then)
        value = changed(upkeep.value, at=then, received_at=then, value=str(days))
        leave = changed(upkeep.leave, id=PassId(200 + number), expires_at=then)
        await write(
            store,
            lambda w, e=event: w.events.add(e),
            lambda w, v=value: w.events.add_value(v),
            lambda w, p=leave: w.files.add_pass(p),
            lambda w, n=number: w.files.add(changed(upkeep.file, id=FileId(300 + n))),
        )
    await store.prune_upkeep(event_days=10, customer_days=10)
    shown = await store.catalogue.station_events(ONE, EventFilter())
    assert [one.id for one in shown.items] == ["100", "101", "102", "103", "104"]
    async with store.work(ONE) as work:
        found = await work.events.values(at, 1, None, None, 100)
        passes = [await work.files.find_pass(PassId(200 + n)) for n in range(len(ages))]
        kept = [await work.files.get(FileId(300 + n)) for n in range(len(ages))]
    assert [one.value for one in found] == ["0", "1", "5", "9", "10"]
    assert [one is not None for one in passes] == [days <= 7 for days in ages]
    assert all(kept), "files go by another way: their content has to go as well"
    clock.turn(2 * 86_400)
    await store.prune_upkeep(event_days=10, customer_days=10)
    shown = await store.catalogue.station_events(ONE, EventFilter())
    assert [one.id for one in shown.items] == ["100", "101", "102"]


async def test_what_was_told_of_customers_goes_and_that_it_was_asked_stays(store, at):
    def asked(number: int, kind: str, days: int) -> Operation:
        then = NOW - days * DAY
        return Operation(
            id=OperationId(number),
            operator=ONE,
            station=at,
            kind=kind,
            request_id=number,
            state=OperationState.DONE,
            by="ada",
            arguments={"clear": True, "token": "ADA"},
            result={"said": "seen at noon"},
            parts=1,
            created_at=then,
            updated_at=then,
            deadline_at=then,
        )

    old, fresh = asked(1, CUSTOMER, 31), asked(2, CUSTOMER, 29)
    other = asked(3, "base-report", 31)
    for one in (old, fresh, other):
        part = OperationPart(
            operation=one.id, operator=ONE, seq_no=0, received_at=NOW, content={"data": "Ada"}
        )
        await write(
            store,
            lambda w, o=one: w.operations.add(o),
            lambda w, p=part: w.operations.add_part(p),
        )
    for _ in range(2):  # the second time there is nothing left to do
        await store.prune_upkeep(event_days=10, customer_days=30)
        async with store.work(ONE) as work:
            assert await work.operations.get(old.id) == changed(old, arguments={}, result={})
            assert await work.operations.get(fresh.id) == fresh
            assert await work.operations.get(other.id) == other
            parts = [len(await work.operations.parts(one.id)) for one in (old, fresh, other)]
        assert parts == [0, 1, 1]
