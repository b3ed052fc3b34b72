"""A station's side of handing files in and fetching them, by an HTTP client that knows no more than the address."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx


async def hand_in(
    url: str, content: bytes | AsyncIterator[bytes], name: str = "", **more: Any
) -> httpx.Response:
    """PUT a file. `url` may end in a slash, and may carry user and password, as an address in OCPP does."""
    async with httpx.AsyncClient(verify=more.pop("verify", True), timeout=20) as client:
        return await client.put(url + name, content=content, **more)


async def post_form(url: str, name: str, content: bytes, **more: Any) -> httpx.Response:
    """POST a form with the file in it."""
    async with httpx.AsyncClient(timeout=20) as client:
        return await client.post(url, files={"uploadfile": (name, content)}, **more)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def without_secret(url: str) -> str:
    """The address without user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
