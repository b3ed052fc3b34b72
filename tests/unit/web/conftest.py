"""A console over a real store, and people at browsers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.console import PASSWORD, Console, opened

ORIGIN = "http://localhost:8080"


class Text(HTMLParser):
    """The text of a page as a person reads it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        """Collect."""
        self.parts.append(data)


def read(response: httpx.Response) -> str:
    """A page's text with single spaces."""
    return re.sub(r"\s+", " ", " ".join(Text(response.text).parts))


class Person:
    """Somebody at a browser, who sends what browsers send."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.csrf = ""

    async def sign_in(self, name: str, password: str = PASSWORD, **form: str) -> httpx.Response:
        """Fill the sign-in form."""
        answer = await self.post("/sign-in", name=name, password=password, **form)
        if answer.status_code == 303:
            page = await self.client.get("/")
            found = re.search(r'"X-CSRF-Token": "(\w+)"', page.text)
            assert found
            self.csrf = found.group(1)
        return answer

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path, headers=headers)

    async def part(self, path: str) -> httpx.Response:
        """What htmx asks for."""
        return await self.client.get(path, headers={"HX-Request": "true"})

    async def post(self, path: str, **form: Any) -> httpx.Response:
        """Send a form of a page."""
        data = {"csrf": self.csrf, **form}
        return await self.client.post(path, data=data, headers={"Origin": ORIGIN})


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """The console."""
    async with opened(tmp_path) as made:
        yield made


@pytest.fixture
async def browser(console: Console) -> AsyncIterator[Person]:
    """Somebody who has not signed in."""
    transport = httpx.ASGITransport(console.app, client=("198.51.100.5", 5000))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield Person(client)


@pytest.fixture
async def ada(browser: Person) -> Person:
    """An administrator."""
    assert (await browser.sign_in("ada")).status_code == 303
    return browser


@pytest.fixture
async def olga(browser: Person) -> Person:
    """An operator."""
    assert (await browser.sign_in("olga")).status_code == 303
    return browser


@pytest.fixture
async def vera(browser: Person) -> Person:
    """A viewer."""
    assert (await browser.sign_in("vera")).status_code == 303
    return browser
