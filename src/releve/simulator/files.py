"""Fetching firmware and handing in logs over HTTP, as a station's own small client does."""

import asyncio
import urllib.request
from urllib.parse import urlsplit

TIMEOUT_S = 30
MOST_BYTES = 64 * 1024 * 1024


class TransferFailed(Exception):
    """The file could not be fetched or handed in; the text says why."""


async def fetch(url: str) -> bytes:
    """Download `url`.

    Raises:
        TransferFailed: not HTTP, not found, not reachable, or larger than 64 MiB.
    """
    _check(url)
    return await asyncio.to_thread(_fetch, url)


async def upload(url: str, name: str, content: bytes) -> str:
    """Hand in `content`; returns the URL it went to.

    A URL that ends in a slash is a folder, into which `name` is put. PUT is tried first, then POST.

    Raises:
        TransferFailed: not HTTP, refused, or not reachable.
    """
    _check(url)
    target = url + name if url.endswith("/") else url
    try:
        await asyncio.to_thread(_send, "PUT", target, content)
    except TransferFailed:
        await asyncio.to_thread(_send, "POST", target, content)
    return target


def _check(url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        raise TransferFailed(f"only http and https are supported, not {url}")


def _fetch(url: str) -> bytes:
    found = bytearray()
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:  # noqa: S310 - checked
            while chunk := response.read(65_536):
                found += chunk
                if len(found) > MOST_BYTES:
                    raise TransferFailed(f"larger than {MOST_BYTES} bytes")
    except (OSError, ValueError) as problem:
        raise TransferFailed(str(problem)) from problem
    return bytes(found)


def _send(method: str, url: str, content: bytes) -> None:
    request = urllib.request.Request(url, content, method=method)  # noqa: S310 - checked
    request.add_header("Content-Type", "text/plain; charset=utf-8")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            response.read()
    except (OSError, ValueError) as problem:
        raise TransferFailed(str(problem)) from problem
