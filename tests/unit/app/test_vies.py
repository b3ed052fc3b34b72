"""The register of VAT numbers, asked over HTTP: a server on loopback answers as VIES does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest

from releve.app import vies
from releve.app.outgoing import client
from releve.app.vies import Vies
from releve.domain.vat import VatNumber
from releve.services.ports import VatFound
from releve.services.vat_numbers import VatNumbers

NUMBER = VatNumber("DE", "136695976")
HERE = (ip_network("127.0.0.0/8"),)
KNOWN = {
    "isValid": True,
    "userError": "VALID",
    "name": "Stadtwerke",
    "address": "Hauptstr. 1\n50667 Köln",
}


@dataclass
class Register:
    """A register. paths: what was asked; delay_s: how long it thinks."""

    url: str = ""
    status: str = "200 OK"
    content: bytes = b""
    delay_s: float = 0.0
    paths: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.paths.append(head.split(" ")[1])
            await asyncio.sleep(self.delay_s)
            length = len(self.content)
            writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: {length}\r\n\r\n".encode())
            writer.write(self.content)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def asked(register: Register) -> AsyncIterator[Vies]:
    server = await asyncio.start_server(register.serve, "127.0.0.1", 0)
    register.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/rest-api"
    async with server, client(HERE) as sender:
        yield Vies(register.url + "/", sender)


def register(told: object, **about: object) -> Register:
    return Register(content=json.dumps(told).encode(), **about)


async def test_a_registered_number_comes_with_its_company() -> None:
    server = register(KNOWN)
    async with asked(server) as register_:
        found = await register_.find(NUMBER)
    assert server.paths == ["/rest-api/ms/DE/vat/136695976"]
    company = {
        "name": "Stadtwerke",
        "address1": "Hauptstr. 1",
        "city": "50667 Köln",
        "country": "DE",
    }
    assert found == VatFound(valid=True, company=company)


async def test_a_country_may_keep_name_and_address_to_itself() -> None:
    async with asked(register(KNOWN | {"name": "---", "address": "---"})) as register_:
        assert await register_.find(NUMBER) == VatFound(valid=True)


async def test_a_number_that_nobody_has_is_not_valid() -> None:
    async with asked(register({"isValid": False, "userError": "INVALID"})) as register_:
        answer = await VatNumbers(register_).validate("DE 136695976")
    assert (answer.valid, answer.code) == (False, "NotRegistered")


@pytest.mark.parametrize(
    "server",
    [
        register({"isValid": False, "userError": "MS_UNAVAILABLE"}),
        register({"isValid": False, "userError": "MS_MAX_CONCURRENT_REQ"}),
        register([]),
        Register(content=b"<html>"),
        register(KNOWN, status="500 Internal Server Error"),
        register(KNOWN, status="302 Found"),
        Register(content=b" " * 70_000),
    ],
    ids=lambda server: f"{server.status} {server.content[:60]!r}",
)
async def test_a_register_out_of_order_leaves_the_form_to_judge(server: Register) -> None:
    async with asked(server) as register_:
        assert await register_.find(NUMBER) is None
        answer = await VatNumbers(register_).validate("DE136695976")
    assert (answer.valid, answer.code) == (True, "FormatOnly")


async def test_a_slow_register_is_waited_for_no_longer_than_a_driver_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vies, "PATIENCE_S", 0.2)
    async with asked(register(KNOWN, delay_s=5)) as register_:
        async with asyncio.timeout(2):
            assert await register_.find(NUMBER) is None


async def test_what_cannot_be_right_is_not_asked_about() -> None:
    server = register(KNOWN)
    async with asked(server) as register_:
        answer = await VatNumbers(register_).validate("DE136695978")
    assert (answer.valid, answer.code, server.paths) == (False, "WrongCheckDigit", [])
