"""One operator's work never shows or changes what is another's: tried with every method that there is."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

import pytest

from releve.domain.token import IdToken
from releve.services import ports, views
from releve.services.ports import Conflict, StoreFailed
from releve.services.views import Summary
from releve.storage.tables import metadata
from tests.support.stores import (
    ONE,
    TWO,
    changed,
    station,
    token,
)
from tests.support.tenants import EVERYWHERE, READS, SHOWN, WRITES, Theirs


@pytest.fixture
async def theirs(store):
    """The second operator's rows."""
    theirs = Theirs()
    await theirs.keep(store)
    return theirs


def public(protocol: type) -> set[str]:
    """Methods of a port."""
    return {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if name[0] != "_"}


def test_every_method_is_tried():
    """A method added to a port must be added here, with how it is kept within its operator."""
    repositories = get_type_hints(ports.Work)
    del repositories["operator"]
    methods = {f"{name}.{method}" for name, port in repositories.items() for method in public(port)}
    assert methods == READS.keys() | EVERYWHERE.keys() | WRITES.keys()
    assert public(views.Catalogue) == SHOWN.keys()


@pytest.mark.parametrize("name", READS)
async def test_a_read_finds_nothing(store, theirs, name):
    async with store.work(TWO) as work:
        assert await READS[name](work, theirs), "there is something to be found"
    async with store.work(ONE) as work:
        assert not await READS[name](work, theirs)


@pytest.mark.parametrize("name", EVERYWHERE)
async def test_who_is_asking_is_found_with_their_operator(store, theirs, name):
    async with store.work(ONE) as work:
        found = await EVERYWHERE[name](work, theirs)
    assert found.operator == TWO


@pytest.mark.parametrize("name", SHOWN)
async def test_the_catalogue_shows_nothing(store, theirs, name):
    shown = await SHOWN[name](store.catalogue, theirs)
    if isinstance(shown, views.Page):
        shown = shown.items
    assert not shown or shown == Summary()


async def rows(store: Any) -> dict[str, list[Any]]:
    """Every row of the second operator."""
    return {
        table.name: sorted(
            await store.backend.select(table.select().where(table.c.operator_id == TWO)), key=repr
        )
        for table in metadata.sorted_tables
        if "operator_id" in table.c
    }


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_changes_nothing(store, theirs, name):
    before = await rows(store)
    assert all(before[table] for table in before if table != "marks"), "a row in every table"
    try:
        async with store.work(ONE) as work:
            made = WRITES[name](work, theirs)
            if inspect.isawaitable(made):
                await made
    except (Conflict, StoreFailed):
        pass  # refused is as good as without effect
    assert await rows(store) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda w, t: w.stations.add(t.station),
        lambda w, t: w.tokens.save(t.token),
        lambda w, t: w.transactions.add_fact(t.fact),
        lambda w, t: w.anomalies.save(t.anomaly),
        lambda w, t: w.access.add_user(t.user),
        lambda w, t: w.announce(changed(t.station)),
    ],
)
async def test_a_value_of_another_operator_is_a_mistake(store, theirs, change):
    async def work_of_one():
        async with store.work(ONE) as work:
            change(work, theirs)

    with pytest.raises(ValueError, match="operator 2"):
        await work_of_one()


async def test_the_same_identity_and_token_at_two_operators(store, theirs):
    async with store.work(ONE) as work:
        work.stations.add(station("THEIRS"))
        work.tokens.add(token("THEIRS"))
    assert (await store.locate(None, "THEIRS")).operator == ONE
    assert (await store.locate("two", "theirs")).operator == TWO
    async with store.work(TWO) as work:
        assert await work.tokens.find(IdToken("theirs")) == theirs.token
    with pytest.raises(Conflict):
        await store.add_operator(3, "two")
