"""What a handshake may cost: time, bytes, places; and what happens when our side fails."""

from __future__ import annotations

import asyncio
import re
from ipaddress import ip_network

from releve.gateway.door import Admission, Knock
from tests.unit.gateway.door_kit import Host, open_door, refused, request, status

BOTH_LOOPS = True


async def test_a_request_that_does_not_end_is_dropped():
    async with open_door(handshake_timeout_s=0.2) as door:
        silent, slow = await door.dial(), await door.dial()
        slow.send(b"GET /ocpp/ST-1 HTTP/1.1\r\nHost:")

        assert await silent.gone()
        assert await slow.gone()
        assert door.server.counters.handshakes == {"slow": 2}


async def test_a_doorman_that_takes_too_long_is_cancelled():
    cancelled = asyncio.Event()

    async def sleepy(told: Knock) -> Admission:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        raise AssertionError

    answer = await refused(request("/ocpp/ST-1"), Host(sleepy), handshake_timeout_s=0.2)
    assert status(answer) == 503
    assert "Retry-After" in answer
    await cancelled.wait()


async def test_a_doorman_that_fails_is_our_fault_and_the_station_returns(caplog):
    async def broken(told: Knock) -> Admission:
        raise OSError("database is down")

    answer = await refused(request("/ocpp/ST-1"), Host(broken))
    assert status(answer) == 503
    assert "database" not in answer
    assert "database is down" in caplog.text


async def test_a_station_that_leaves_while_the_doorman_thinks_is_never_opened():
    release = asyncio.Event()
    cancelled = asyncio.Event()

    async def slow(told: Knock) -> Admission:
        try:
            await release.wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return host.welcome(told)

    host = Host(slow)
    async with open_door(host) as door:
        client = await door.dial()
        client.send(request("/ocpp/ST-1"))
        await host.knocked.wait()
        client.writer.close()
        await cancelled.wait()

        assert host.ears == []
        assert door.server.counters.handshakes == {"gone": 1}


async def test_talking_too_much_before_the_answer_is_cut_off():
    async def never(told: Knock) -> Admission:
        await asyncio.Event().wait()
        raise AssertionError

    async with open_door(Host(never)) as door:
        client = await door.dial()
        client.send(request("/ocpp/ST-1") + b"x" * 200_000)

        assert await client.gone()
        assert door.server.counters.handshakes == {"eager": 1}


async def test_too_many_handshakes_at_once_are_turned_away():
    async with open_door(max_handshakes=2) as door:
        first, second = await door.dial(), await door.dial()
        for client in (first, second):
            client.send(b"GET ")
        third = await door.dial()
        answer = (await third.reader.read()).decode()
        assert status(answer) == 503
        assert 10 <= int(re.findall(r"Retry-After: (\d+)", answer)[0]) <= 30
        first.send(request("/ocpp/ST-1")[4:])
        assert "101 " in await first.head()
        fourth = await door.dial()

        assert "101 " in await fourth.shake("/ocpp/ST-4")


async def test_too_many_from_one_address_are_turned_away_unless_it_is_our_proxy():
    async with open_door(max_handshakes_per_address=1) as door:
        await door.dial()
        assert status((await (await door.dial()).reader.read()).decode()) == 503
    proxies = (ip_network("127.0.0.0/8"),)
    async with open_door(max_handshakes_per_address=1, trusted_proxies=proxies) as door:
        await door.dial()
        client = await door.dial()
        assert "101 " in await client.shake("/ocpp/ST-1")
