"""The bus of one process: order, topics, room, replay, and the end of listening."""

from __future__ import annotations

import asyncio
import gc

import pytest

from releve.bus import LocalBus
from releve.services.ports import Announced
from tests.support.stores import ONE, TWO, changed, sampled, station

OURS = station()
THEIRS = station(operator=TWO)


def durable(place, of=OURS):
    return Announced(place, changed(of))


def live(of=OURS):
    return Announced(None, sampled(of))


def waiting(feed):
    """What a listener gets without waiting for more."""

    async def collect():
        heard = []
        while True:
            try:
                heard.append((await asyncio.wait_for(anext(feed), 0.01)).id)
            except (TimeoutError, StopAsyncIteration) as end:
                return heard, isinstance(end, StopAsyncIteration)

    return collect()


async def test_a_listener_hears_its_operator_in_order():
    bus = LocalBus()
    feed = bus.listen(ONE)
    bus.publish([durable(1), durable(2, THEIRS), live(), durable(3)])
    assert await waiting(feed) == ([1, None, 3], False)


async def test_listening_begins_with_the_call():
    bus = LocalBus()
    bus.publish([durable(1)])
    feed = bus.listen(ONE)
    bus.publish([durable(2)])
    assert await waiting(feed) == ([2], False)


async def test_topics():
    bus = LocalBus()
    feed = bus.listen(ONE, topics=frozenset({"meter.sampled"}))
    bus.publish([durable(1), live()])
    assert await waiting(feed) == ([None], False)


async def test_who_waits_is_woken():
    bus = LocalBus()
    feed = bus.listen(ONE)
    waiter = asyncio.create_task(anext(feed))
    await asyncio.sleep(0)
    bus.publish([durable(1)])
    assert await waiter == durable(1)


async def test_a_slow_listener_loses_what_is_not_durable_first():
    bus = LocalBus(room=3)
    feed = bus.listen(ONE)
    bus.publish([live(), durable(1), live(), durable(2), durable(3), live()])
    assert await waiting(feed) == ([1, 2, 3], False)


async def test_a_listener_that_lost_a_durable_event_is_closed_after_what_it_has():
    bus = LocalBus(room=2)
    feed = bus.listen(ONE)
    bus.publish([durable(1), durable(2), durable(3), durable(4)])
    assert await waiting(feed) == ([1, 2], True)
    assert bus.listeners == 0
    with pytest.raises(StopAsyncIteration):
        await anext(feed)


class Outbox:
    """What a store would replay; `pause` makes readers wait."""

    def __init__(self, last=0):
        self.rows = [durable(n) for n in range(1, last + 1)]
        self.pause = asyncio.Event()
        self.pause.set()
        self.asked = 0

    async def __call__(self, operator, *, after, topics, limit):
        self.asked += 1
        found = [row for row in self.rows if row.id > after][:limit]
        await self.pause.wait()
        return found


async def test_a_replay_goes_before_what_is_live():
    outbox = Outbox(1200)
    bus = LocalBus(outbox)
    feed = bus.listen(ONE, after=10)
    bus.publish([durable(1200), live(), durable(1201)])  # 1200 is in the outbox, too
    heard, _ = await waiting(feed)
    assert heard == [*range(11, 1201), None, 1201]


async def test_what_happens_during_a_replay_is_not_lost_for_want_of_room():
    outbox = Outbox(5)
    bus = LocalBus(outbox, room=2)
    outbox.pause.clear()
    feed = bus.listen(ONE, after=0)
    waiter = asyncio.create_task(waiting(feed))
    await asyncio.sleep(0)
    for place in range(6, 20):
        outbox.rows.append(durable(place))
        bus.publish([durable(place)])
    outbox.pause.set()
    assert await waiter == (list(range(1, 20)), False)
    bus.publish([durable(20), durable(21)])
    assert await waiting(feed) == ([20, 21], False)


async def test_without_an_outbox_there_is_no_replay():
    with pytest.raises(RuntimeError, match="replay"):
        await anext(LocalBus().listen(ONE, after=0))


async def test_closing_ends_who_waits():
    bus = LocalBus()
    first, second = bus.listen(ONE), bus.listen(TWO)
    ends = [asyncio.create_task(waiting_to_the_end(feed)) for feed in (first, second)]
    await asyncio.sleep(0)
    await first.aclose()
    assert await ends[0] == []
    bus.close()
    assert await ends[1] == []
    assert bus.listeners == 0


async def waiting_to_the_end(feed):
    return [each async for each in feed]


async def test_a_dropped_listener_is_forgotten():
    bus = LocalBus()
    feed = bus.listen(ONE)
    assert bus.listeners == 1
    del feed
    gc.collect()
    assert bus.listeners == 0
    bus.publish([durable(1)])
