"""Abuse of the stations' door, before anybody is let in. The numbers are those of the house's list of abuse cases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.station import Station
from tests.support.running import Running, running
from tests.support.visitor import (
    anomalies,
    basic,
    dialled,
    knock,
    line_of,
    until,
    visiting,
)
from tests.unit.gateway.door_kit import Client

PASSWORD = "correct-horse-battery"[:20]
WRONG = "wrong-horse-batteries"[:20]


def auth(user: str | bytes, password: str | bytes) -> str:
    return f"Authorization: {basic(user, password)}"


async def test_abuse_01_a_known_identity_without_or_with_wrong_credentials(node: Running) -> None:
    station = await node.add_station("SAFE", password=PASSWORD)
    assert await knock(node, "/ocpp/SAFE") == 401
    assert await knock(node, "/ocpp/SAFE", auth("SAFE", WRONG)) == 401
    assert await knock(node, "/ocpp/SAFE", auth("SAFE", "")) == 401
    assert await knock(node, "/ocpp/SAFE", "Authorization: Bearer abc") == 401
    assert await line_of(node, station) != "online"
    assert await anomalies(node, station) == ["credentials-refused"]  # one, however often
    assert await knock(node, "/ocpp/SAFE", auth("SAFE", PASSWORD)) == 101


@pytest.mark.parametrize(("hide", "unknown"), [(False, 404), (True, 401)])
async def test_abuse_01_an_unknown_identity_looks_like_a_wrong_password_if_wanted(
    tmp_path: Path, hide: bool, unknown: int
) -> None:
    async with running(tmp_path, hide_unknown_stations=hide) as node:
        await node.add_station("SAFE", password=PASSWORD)
        answers = []
        for identity in ("SAFE", "NOBODY"):
            async with dialled(node) as client:
                answers.append(await client.shake(f"/ocpp/{identity}", auth(identity, WRONG)))
        assert f" {unknown} " in answers[1].splitlines()[0]
        alike = [[h.partition(":")[0] for h in a.splitlines()[1:]] for a in answers]
        assert (answers[0].splitlines()[0] == answers[1].splitlines()[0]) is hide
        assert (alike[0] == alike[1]) is hide


async def test_abuse_03_user_name_other_than_the_identity(node: Running) -> None:
    await node.add_station("SAFE", password=PASSWORD)
    other = await node.add_station("OTHER", password=PASSWORD[::-1])
    assert await knock(node, "/ocpp/SAFE", auth("OTHER", PASSWORD)) == 401
    assert await knock(node, "/ocpp/SAFE", auth("", PASSWORD)) == 401
    # With its own password one station does not get in as another.
    assert await knock(node, "/ocpp/OTHER", auth("SAFE", PASSWORD)) == 401
    assert await line_of(node, other) != "online"


async def test_abuse_04_guessing_a_password_is_throttled_and_the_real_station_is_not_locked_out(
    node: Running,
) -> None:
    await node.add_station("SAFE", password=PASSWORD)
    async with visiting(
        node, "SAFE", additional_headers={"Authorization": basic("SAFE", PASSWORD)}
    ):
        pass
    guesses = [await knock(node, "/ocpp/SAFE", auth("SAFE", f"{n:020}")) for n in range(8)]
    assert guesses[0] == 401
    assert guesses[-1] == 429
    # In another case it is the same station, and the same guess.
    assert await knock(node, "/ocpp/safe", auth("safe", f"{9:020}")) == 429


async def test_abuse_04_from_another_address_the_real_station_always_gets_its_try(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, trusted_proxies=["127.0.0.1"]) as node:
        await node.add_station("SAFE", password=PASSWORD)
        for n in range(60):
            await knock(
                node, "/ocpp/SAFE", auth("SAFE", WRONG), f"X-Forwarded-For: 192.0.2.{n % 20}"
            )
        away = ("X-Forwarded-For: 198.51.100.7", auth("SAFE", PASSWORD))
        assert await knock(node, "/ocpp/SAFE", *away) == 101


async def test_abuse_04_guessing_identities_is_throttled_per_address(node: Running) -> None:
    answers = [await knock(node, f"/ocpp/ST-{n:04}") for n in range(60)]
    assert answers[0] == 404
    assert answers[-1] == 429


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fetc",
        "%2e%2e",
        "A%00B",
        "A%0d%0aX",
        "%e2%80%aeDERIPS",  # right-to-left override
        "A%e2%80%8bB",  # zero width
        "%ff%fe",
        "A" * 256,
        "%20",
    ],
)
async def test_abuse_11_an_identity_that_is_none_is_refused_before_any_lookup(
    node: Running, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locate(*_: object) -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr(node.node.store, "locate", locate)
    assert await knock(node, f"/ocpp/{path}") == 400


async def test_abuse_11_look_alikes_are_other_stations(node: Running) -> None:
    await node.add_station("SAFE")
    assert await knock(node, "/ocpp/%d0%85AFE") == 404  # Cyrillic Dze for S
    assert await knock(node, "/ocpp/SAFE%2f..%2fX") == 400


async def test_abuse_11_a_colon_in_the_identity_confuses_nobody(node: Running) -> None:
    """Basic splits at the first colon: user A, password B:..., never user A:B."""
    await node.add_station("A:B", password=PASSWORD)
    await node.add_station("A", password=WRONG)
    assert await knock(node, "/ocpp/A:B", auth("A:B", PASSWORD)) == 401
    assert await knock(node, "/ocpp/A", auth("A:B", WRONG)) == 401


async def slow_head(client: Client, head: bytes) -> bool:
    client.send(head)
    return await asyncio.wait_for(client.gone(), 20)


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Running]:
    """A node that waits a second where it usually waits ten."""
    async with running(
        tmp_path, handshake_timeout=1.0, max_handshakes=6, max_handshakes_per_address=3
    ) as node:
        await node.add_station("GOOD")
        yield node


@pytest.mark.parametrize("head", [b"", b"GET /ocpp/GOOD HTTP/1.1\r\nHost:"])
async def test_abuse_17_a_handshake_that_dawdles_is_cut_off(hasty: Running, head: bytes) -> None:
    async with dialled(hasty) as client:
        assert await slow_head(client, head)
    assert hasty.node.doors[0].counters.handshakes["slow"] == 1


async def test_abuse_17_one_address_cannot_take_all_the_doors_time(hasty: Running) -> None:
    """Three dawdlers fill this address's share; behind it there is room, and after them there is again."""
    async with dialled(hasty) as one, dialled(hasty) as two, dialled(hasty) as three:
        for client in (one, two, three):
            client.send(b"GET /")
        await until(lambda: hasty.node.doors[0].handshakes_under_way == 3)
        async with dialled(hasty) as fourth:
            answer = await asyncio.wait_for(fourth.head(), 20)
            assert answer.startswith("HTTP/1.1 503 ")
            assert "Retry-After:" in answer
        for client in (one, two, three):
            assert await asyncio.wait_for(client.gone(), 20)
    assert await knock(hasty, "/ocpp/GOOD") == 101


async def test_abuse_17_many_dawdlers_leave_nothing_behind(hasty: Running) -> None:
    door = hasty.node.doors[0]
    for _ in range(30):
        async with dialled(hasty) as client:
            client.send(b"GET /ocpp/GOOD HTTP/1.1\r\n")
    await until(lambda: not door.handshakes_under_way)
    assert not door.sockets
    assert await knock(hasty, "/ocpp/GOOD") == 101


async def test_abuse_21_a_station_of_profile_2_is_refused_without_tls(node: Running) -> None:
    """Nobody lowers the profile by coming another way: right password or not."""
    services = node.node.services
    verifier = services.stations._credentials.verifier(PASSWORD)
    async with node.node.store.work(DEFAULT_OPERATOR) as work:
        work.stations.add(
            Station(
                id=77,  # type: ignore[arg-type]
                operator=DEFAULT_OPERATOR,
                identity="UPGRADED",
                security_profile=2,
                credential=verifier,
                created_at=datetime.now(UTC),
            )
        )
    assert await knock(node, "/ocpp/UPGRADED", auth("UPGRADED", PASSWORD)) == 403
    assert await knock(node, "/ocpp/UPGRADED") == 401


async def test_abuse_28_forged_forwarding_headers_are_not_believed(node: Running) -> None:
    """They would give each guess an address of its own, or make a plain line look like TLS."""
    await node.add_station("SAFE", password=PASSWORD)
    answers = [
        await knock(
            node,
            "/ocpp/SAFE",
            auth("SAFE", WRONG),
            f"X-Forwarded-For: 203.0.113.{n}",
            f"Forwarded: for=203.0.113.{n};proto=https",
        )
        for n in range(8)
    ]
    assert answers[-1] == 429
