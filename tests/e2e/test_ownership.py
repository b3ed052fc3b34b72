"""One owner for each station's line, over real sockets. `test_ownership_simulation` has the interleavings."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.support.running import Running, running
from tests.support.visitor import event, let_in, line_of, until, visiting
from tests.unit.gateway.door_kit import Client, frame

BEAT = b'[2,"beat","Heartbeat",{}]'


async def test_a_newcomer_replaces_the_old_socket_whose_end_changes_nothing(node: Running) -> None:
    station = await node.add_station("ONE")
    async with visiting(node, "ONE") as old:
        await old.boot()
        async with visiting(node, "ONE") as new:
            assert (await new.call("Heartbeat", {}))[0] == 3
            assert await old.closed() == 4001
            await until(lambda: len(node.node.doors[0].sockets) == 1)
            await node.node.house.settled()
            assert await line_of(node, station) == "online"
            asked = asyncio.create_task(node.post(f"/stations/{station}/calls/ClearCache"))
            call = await new.hear()
            await new.say(json.dumps([3, call[1], {"status": "Accepted"}]))
            assert (await asked)["status"] == "Accepted"
    await event(node, "station.disconnected", "ONE")
    assert await line_of(node, station) == "offline"


async def test_what_an_old_socket_still_says_has_no_effect(node: Running) -> None:
    """It may be read after the newcomer came: no answer, no transaction."""
    await node.add_station("ONE")
    await node.add_token("ADA")
    async with let_in(node, "ONE") as old, visiting(node, "ONE") as new:
        await new.boot()
        late = '[2,"x","StartTransaction",{"connectorId":1,"idTag":"ADA","meterStart":0,'
        old.send(frame(f'{late}"timestamp":"2026-03-01T12:00:00Z"}}]'.encode()))
        first, payload = await asyncio.wait_for(old.frame(), 20)
        assert (first, payload[:2]) == (0x88, (4001).to_bytes(2, "big"))
        assert (await new.call("Heartbeat", {}))[0] == 3
        assert (await node.get("/transactions"))["items"] == []


async def test_a_call_under_way_ends_when_the_line_is_replaced(node: Running) -> None:
    """And its late answer over the new line ends nothing else."""
    station = await node.add_station("ONE")
    async with visiting(node, "ONE") as old:
        await old.boot()
        asked = asyncio.create_task(node.post(f"/stations/{station}/calls/ClearCache"))
        lost = await old.hear()
        async with visiting(node, "ONE") as new:
            assert (await new.call("Heartbeat", {}))[0] == 3
            outcome = await asked
            assert outcome["result"] == "offline"
            assert "may have received it" in outcome["description"]
            again = asyncio.create_task(node.post(f"/stations/{station}/calls/ClearCache"))
            call = await new.hear()
            await new.say(json.dumps([3, lost[1], {"status": "Rejected"}]))
            await new.say(json.dumps([3, call[1], {"status": "Accepted"}]))
            assert (await again)["status"] == "Accepted"


async def test_a_half_open_line_is_found_by_pings(tmp_path: Path) -> None:
    async with running(tmp_path, ping_interval=0.3, ping_timeout=0.5) as node:
        station = await node.add_station("ONE")
        async with let_in(node, "ONE") as mute:
            mute.send(frame(BEAT))
            assert (await asyncio.wait_for(mute.frame(), 20))[0] == 0x81
            assert await line_of(node, station) == "online"
            _, gone = await event(node, "station.disconnected", "ONE")
            assert gone.reason == "no answer to a ping"
            assert await line_of(node, station) == "offline"


async def test_a_station_that_answers_pings_stays(tmp_path: Path) -> None:
    async with running(tmp_path, ping_interval=0.2, ping_timeout=5.0) as node:
        await node.add_station("ONE")
        async with let_in(node, "ONE") as quiet:
            for _ in range(5):
                first, payload = await asyncio.wait_for(quiet.frame(), 20)
                assert first == 0x89
                quiet.send(frame(payload, 0xA))
            assert node.node.house.roster.connected() == 1


async def test_a_line_that_is_shut_before_the_station_is_loaded_leaves_it_offline(
    node: Running,
) -> None:
    """The 101 is out, the station has hung up, and only then the database answers."""
    station = await node.add_station("ONE")
    for _ in range(20):
        async with let_in(node, "ONE"):
            pass
    await until(lambda: not node.node.doors[0].sockets)
    while node.node.house.tasks:
        await node.node.house.settled()
    assert await line_of(node, station) == "offline"


async def test_a_call_to_a_closing_line_ends_at_once(node: Running) -> None:
    """The close frame is out; a station that never answers it holds nobody up."""
    station = await node.add_station("ONE")
    async with let_in(node, "ONE") as stubborn:
        stubborn.send(frame(BEAT))
        await asyncio.wait_for(stubborn.frame(), 20)
        assert (await node.post(f"/stations/{station}/disconnect"))["disconnected"]
        outcome = await asyncio.wait_for(node.post(f"/stations/{station}/calls/ClearCache"), 2)
        assert outcome["result"] == "offline"


async def test_a_short_call_behind_a_long_one_ends_in_its_own_time(node: Running) -> None:
    station = await node.add_station("ONE")
    async with visiting(node, "ONE") as one:
        await one.boot()
        calls = f"/stations/{station}/calls/ClearCache"
        long = asyncio.create_task(node.post(f"{calls}?timeout=60"))
        first = await one.hear()
        short = asyncio.create_task(node.post(f"{calls}?timeout=1"))
        await one.say(json.dumps([3, first[1], {"status": "Accepted"}]))
        assert (await long)["status"] == "Accepted"
        assert (await one.hear())[2] == "ClearCache"
        assert (await asyncio.wait_for(short, 5))["result"] == "timeout"


async def test_registration_survives_a_restart(tmp_path: Path) -> None:
    """Stations come back without booting (1.6 4.2, B01)."""
    async with running(tmp_path) as node:
        station = await node.add_station("ONE")
        await node.add_token("ADA")
        async with visiting(node, "ONE", "ocpp2.0.1") as one:
            await one.boot()
            assert await line_of(node, station) == "online"
    async with running(tmp_path) as node:
        assert await line_of(node, station) in ("offline", "unknown")
        async with visiting(node, "ONE", "ocpp2.0.1") as one:
            token = {"idToken": "ADA", "type": "ISO14443"}
            answer = await one.ask("Authorize", {"idToken": token})
            assert answer["idTokenInfo"]["status"] == "Accepted"
            assert await line_of(node, station) == "online"


async def test_a_line_that_was_up_when_the_process_died_is_unknown_afterwards(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as node:
        station = await node.add_station("ONE")
        async with node.node.store.work(1) as work:  # type: ignore[arg-type]
            work.stations.connected(
                int(station),  # type: ignore[arg-type]
                5,
                node.node.clock.now(),
                "192.0.2.1",
                "ocpp1.6",
            )
    async with running(tmp_path) as node:
        row = await node.get(f"/stations/{station}")
        assert row["connectivity"] == "unknown"
        assert row["connectivity_since"]


async def beats(client: Client, number: int) -> None:
    for _ in range(number):
        client.send(frame(BEAT))
        await asyncio.wait_for(client.frame(), 20)


async def test_behind_a_local_controller_each_station_has_its_own_line(node: Running) -> None:
    """One address, many identities: replacing one line touches no other."""
    for number in range(5):
        await node.add_station(f"ST-{number}")
    async with let_in(node, "ST-0") as zero, let_in(node, "ST-1") as one:
        await asyncio.gather(beats(zero, 3), beats(one, 3))
        async with let_in(node, "ST-1") as newer:
            await asyncio.gather(beats(zero, 3), beats(newer, 3))
        assert node.node.house.roster.replaced == 1
