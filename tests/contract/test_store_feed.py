"""The store and the bus together: whoever listens hears every durable event once, in order."""

from __future__ import annotations

import asyncio

from releve.bus import LocalBus
from tests.support.stores import ONE, changed, opened, sampled, station


async def test_replay_and_live_meet_without_gap_or_double(store_url):
    bus = LocalBus(room=50)
    total, writers = 600, 6
    async with opened(store_url, bus=bus) as store:
        bus.replay = store.catalogue.announced
        one = station()
        async with store.work(ONE) as work:
            work.stations.add(one)

        async def write():
            for _ in range(total // writers):
                async with store.work(ONE) as work:
                    work.announce(changed(one))
                    work.announce(sampled(one))

        async def listen(after):
            heard = []
            while len(heard) < total - after:
                async for each in bus.listen(ONE, after=heard[-1] if heard else after):
                    if each.id is not None:
                        heard.append(each.id)
                    if len(heard) == total - after:
                        break
                    if len(heard) % 100 == 0:
                        await asyncio.sleep(
                            0
                        )  # slow now and then: falls behind, is closed, resumes
            return heard

        async def late(n):
            while await store.catalogue.last_announced(ONE) < n:
                pass
            return await listen(0)

        async with asyncio.timeout(60):
            writing = [asyncio.create_task(write()) for _ in range(writers)]
            heard = await asyncio.gather(listen(0), listen(0), late(100), late(300), late(total))
            await asyncio.gather(*writing)
        first = (await store.catalogue.announced(ONE, after=0, limit=1))[0].id
        assert all(ids == list(range(first, first + total)) for ids in heard)


async def test_live_events_come_when_they_are_on_disk(store_url):
    bus = LocalBus()
    async with opened(store_url, bus=bus) as store:
        one = station()
        feed = bus.listen(ONE)
        async with store.work(ONE) as work:
            work.stations.add(one)
            work.announce(changed(one))
        announced = await asyncio.wait_for(anext(feed), 5)
        assert announced.event == changed(one)
        assert await store.catalogue.announced(ONE, after=0) == [announced]
        await feed.aclose()
