"""What a node does by itself: old samples are rolled up after as many days as the operator keeps them."""

from __future__ import annotations

from types import SimpleNamespace

from releve.app.chores import Chores
from releve.settings import load
from releve.storage.rollup import Rolled


class Store:
    """Notes how it is asked."""

    def __init__(self) -> None:
        self.asked = []

    async def roll_up(self, *, raw_days):
        self.asked.append(raw_days)
        return Rolled(read=3, removed=2, written=1)


async def test_samples_are_rolled_up_after_their_days():
    store = Store()
    settings = load({}, samples_raw_days=30)
    await Chores(SimpleNamespace(store=store, settings=settings)).roll_up()
    assert store.asked == [30]


async def test_for_ever_means_never():
    store = Store()
    settings = load({}, samples_raw_days=0)
    await Chores(SimpleNamespace(store=store, settings=settings)).roll_up()
    assert store.asked == []
