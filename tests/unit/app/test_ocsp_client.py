"""Asking other people's servers: bounded in time and size, never where it must not go."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network

import pytest

from releve.app.ocsp_client import HttpOcspClient
from releve.app.outgoing import client, networks
from releve.services.revocation import WebRequest
from tests.support.responder import Responder, responding
from tests.support.v2g_pki import Pki

HERE = (ip_network("127.0.0.0/8"),)


def question(*urls: str, largest: int = 65536) -> WebRequest:
    return WebRequest(urls=urls, body=b"?", media_type="application/ocsp-request", largest=largest)


async def test_an_answer_comes_back_as_it_is() -> None:
    async with responding(Responder(raw=b"the answer")) as responder:
        (answer,) = await HttpOcspClient(5.0, HERE).fetch([question(responder.url)])
    assert (answer.body, answer.problem) == (b"the answer", "")


async def test_what_fails_once_is_asked_again() -> None:
    async with responding(Responder(raw=b"yes", fail_first=1)) as responder:
        (answer,) = await HttpOcspClient(5.0, HERE).fetch([question(responder.url)])
        assert responder.requests == 2
    assert answer.body == b"yes"


async def test_the_next_address_is_asked_when_one_is_dead() -> None:
    async with responding(Responder(raw=b"yes")) as responder:
        urls = ("ftp://127.0.0.1/", "http://127.0.0.1:9/", responder.url)
        (answer,) = await HttpOcspClient(5.0, HERE).fetch([question(*urls)])
    assert answer.body == b"yes"


async def test_a_slow_responder_costs_no_more_than_the_bound() -> None:
    """All at once: four slow ones wait no longer than one."""
    loop = asyncio.get_running_loop()
    async with responding(Responder(raw=b"late", delay_s=30)) as responder:
        began = loop.time()
        answers = await HttpOcspClient(1.0, HERE).fetch([question(responder.url)] * 4)
        assert loop.time() - began < 2.5
    assert all("within 1 seconds" in a.problem or "no answer in time" in a.problem for a in answers)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:1/", "private network"),
        ("http://localhost/", "private network"),
        ("http://169.254.169.254/latest/meta-data", "private network"),
        ("http://10.0.0.1/", "private network"),
        ("http://[::1]/", "private network"),
        ("http://[::ffff:127.0.0.1]/", "private network"),
        ("http://[64:ff9b::7f00:1]/", "private network"),
        ("http://0.0.0.0/", "private network"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://127.0.0.1/", "only http and https"),
        ("http://", "only http and https"),
        ("not an address", "only http and https"),
        ("http://[", ""),
    ],
)
async def test_nothing_is_asked_where_it_must_not_be(url: str, words: str) -> None:
    (answer,) = await HttpOcspClient(5.0).fetch([question(url)])
    assert answer.problem
    assert words in answer.problem
    assert not answer.body


async def test_a_redirect_leads_nowhere() -> None:
    async with responding(Responder(raw=b"secret")) as inner:
        async with responding(Responder(redirect_to=inner.url)) as outer:
            (answer,) = await HttpOcspClient(5.0, HERE).fetch([question(outer.url)])
        assert inner.requests == 0
    assert "302" in answer.problem


async def test_too_much_is_not_read() -> None:
    async with responding(Responder(raw=b"x" * 100_000)) as responder:
        (answer,) = await HttpOcspClient(5.0, HERE).fetch([question(responder.url)])
    assert "more than 65536 bytes" in answer.problem


async def test_the_environments_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    pki = Pki()
    async with (
        responding(Responder(pki.authorities, raw=b"direct")) as responder,
        client(HERE) as sender,
    ):
        answer = await sender.post(responder.url, content=b"?")
    assert answer.content == b"direct"


def test_networks_are_read_as_people_write_them() -> None:
    assert networks(["10.1.2.3/8", "fd00::/8"]) == (
        ip_network("10.0.0.0/8"),
        ip_network("fd00::/8"),
    )
    with pytest.raises(ValueError, match="appear to be"):
        networks(["the office"])
