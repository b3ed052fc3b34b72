"""Where stations hand in logs and fetch firmware: `/f/<pass>/<name>`, by PUT, POST, GET and HEAD.

Not a route of the API: no key, no JSON, bodies of any size that are never whole in memory. Whoever comes here is a
station with a pass for one file (`services.files`), or nobody.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from releve.api.bodies import BadBody, Body
from releve.api.ranges import SAFE_HEADERS, disposition, part_of
from releve.domain.file import Pass
from releve.services.errors import NotFound
from releve.services.files import PATH, Door, FileDesk
from releve.services.ports import StoreFailed
from releve.services.ports.files import NoSpace, TooLarge

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

MOST_AT_ONCE = 64
IDLE_S = 30.0
"""A sender or reader that moves nothing for so long is let go."""
GRACE_S = 60.0
LEAST_BYTES_PER_S = 200
"""After the grace a sender must have kept up this rate: slower than any modem, and no way to hold a place for ever."""
CHALLENGE = {"www-authenticate": 'Basic realm="files", charset="UTF-8"'}
CLOSED: dict[Door, tuple[int, str]] = {
    Door.UNKNOWN: (404, "There is nothing under this address."),
    Door.NAMELESS: (401, "This address needs a user name and a password."),
    Door.EXPIRED: (410, "This address has expired."),
    Door.USED: (409, "A file has been handed in here already."),
    Door.BUSY: (409, "A file is being handed in here at this moment."),
    Door.OTHER_WAY: (405, "This address does not take this method."),
}


class _Gone(Exception):
    """The other side has gone, or moves nothing any more."""


class Transfers:
    """The endpoint, as an ASGI application."""

    def __init__(self, desk: FileDesk, *, idle_s: float = IDLE_S) -> None:
        self._desk = desk
        self._idle_s = idle_s
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        method = scope["method"]
        if method not in ("PUT", "POST", "GET", "HEAD"):
            await _answer(send, 405, "This address does not take this method.", _allow())
            return
        upload = method in ("PUT", "POST")
        number, secret, name = _address(scope)
        basic = secret is None
        if basic:
            secret = _basic(_headers(scope).get("authorization", ""))
        door, leave = await self._desk.admit(number, secret, upload=upload)
        again = door is Door.USED and upload
        if leave is None or not (again or door is Door.OPEN):
            await _closed(send, door, basic=basic)
            return
        if self._under_way >= MOST_AT_ONCE:
            await _answer(send, 503, "Too many files are under way.", {"retry-after": "30"})
            return
        self._under_way += 1
        try:
            if upload:
                with self._desk.holding(leave):
                    await self._take(leave, name, scope, receive, send, again=again)
            else:
                await self._give(leave, scope, send)
        finally:
            self._under_way -= 1

    async def _take(
        self, leave: Pass, name: str, scope: Scope, receive: Receive, send: Send, *, again: bool
    ) -> None:
        headers = _headers(scope)
        body = Body(headers, _pieces(receive, self._idle_s))
        declared = headers.get("content-length", "")
        try:
            size = int(declared) if declared.isascii() and declared.isdigit() else None
            pieces = await body.opened()
            if again:
                known = await self._desk.here_already(leave, pieces)
            else:
                await self._desk.take_in(leave, name or body.name, pieces, size)
        except BadBody as bad:
            await _answer(send, 400, str(bad))
        except TooLarge as large:
            await _answer(send, 413, f"A file may have {large.most} bytes here.")
        except NoSpace:
            await _answer(send, 507, "There is no room for this file.")
        except StoreFailed:
            await _answer(
                send, 503, "The file could not be kept. Try again.", {"retry-after": "60"}
            )
        except _Gone as gone:
            log.info("an upload broke off: %s", gone)
            if gone.args and gone.args[0] == "slow":
                await _answer(send, 408, "The file came too slowly.")
        else:
            if not again:
                await _answer(send, 201, "The file has been kept.")
            elif known:  # our answer was lost on its way: the station is to know that all is well
                await _answer(send, 200, "This file has been kept already.")
            else:
                await _closed(send, Door.USED)

    async def _give(self, leave: Pass, scope: Scope, send: Send) -> None:
        try:
            file = await self._desk.get(leave.operator, leave.file)  # type: ignore[arg-type]
        except NotFound:
            await _answer(send, 410, "This file has been removed.")
            return
        headers = _headers(scope)
        status, start, end, more = part_of(headers.get("range", ""), file.size)
        if status == 416:
            await _answer(send, status, "The file has no such part.", more)
            return
        about = {
            **SAFE_HEADERS,
            **disposition(file.name),
            **more,
            "content-type": "application/octet-stream",
            "content-length": str(end - start),
            "etag": f'"{file.sha256}"',
        }
        if scope["method"] == "HEAD":
            await _start(send, status, about)
            await send({"type": "http.response.body", "body": b""})
            return
        pieces = self._desk.read(file, start, end)
        try:
            first = await anext(pieces, b"")
        except FileNotFoundError:
            log.error("file %s is not on disk any more", file.id)
            await _answer(send, 410, "This file has been removed.")
            return
        await _start(send, status, about)
        await self._send(send, first)
        async for piece in pieces:
            await self._send(send, piece)
        await send({"type": "http.response.body", "body": b""})

    async def _send(self, send: Send, piece: bytes) -> None:
        async with asyncio.timeout(self._idle_s):
            await send({"type": "http.response.body", "body": piece, "more_body": True})


def with_transfers(app: App, transfers: Transfers) -> App:
    """`app`, with the files' address before it."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        here = scope["type"] == "http" and scope["path"].startswith(PATH + "/")
        await (transfers if here else app)(scope, receive, send)

    return dispatch


async def _pieces(receive: Receive, idle_s: float) -> AsyncIterator[bytes]:
    """The body; raises _Gone when its sender has gone, stalls, or trickles."""
    now = asyncio.get_running_loop().time
    began, size = now(), 0
    while True:
        try:
            async with asyncio.timeout(idle_s):
                message = await receive()
        except TimeoutError:
            raise _Gone("slow") from None
        if message["type"] == "http.disconnect":
            raise _Gone("the sender has gone")
        piece = message.get("body", b"")
        size += len(piece)
        lasted = now() - began
        if lasted > GRACE_S and size < lasted * LEAST_BYTES_PER_S:
            raise _Gone("slow")
        if piece:
            yield piece
        if not message.get("more_body", False):
            return


def _address(scope: Scope) -> tuple[str, str | None, str]:
    """Number, secret (None: not in the path) and file name of `/f/<number>[.<secret>][/<name>]`."""
    key, _, name = scope["path"][len(PATH) + 1 :].partition("/")
    number, dot, secret = key.partition(".")
    return number, secret if dot else None, name


def _basic(header: str) -> str | None:
    """The password of Basic authentication; the user's name tells nothing. None when there is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
    return text.partition(":")[2]


def _headers(scope: Scope) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }


def _allow() -> dict[str, str]:
    return {"allow": "GET, HEAD, PUT, POST"}


async def _start(send: Send, status: int, headers: dict[str, str]) -> None:
    lines = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})


async def _closed(send: Send, door: Door, *, basic: bool = False) -> None:
    """Why nobody comes in here. basic: without a secret in the address, so that one may be asked for."""
    status, text = CLOSED[door]
    unknown = basic and door in (Door.UNKNOWN, Door.NAMELESS)
    more = CHALLENGE if unknown else _allow() if status == 405 else {}
    await _answer(send, 401 if unknown else status, text, more)


async def _answer(send: Send, status: int, text: str, more: dict[str, str] | None = None) -> None:
    """A short text. After a refusal the connection closes, so that a body under way ends."""
    body = f"{text}\n".encode()
    headers = {
        **SAFE_HEADERS,
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        **(more or {}),
    }
    if status >= 400:
        headers["connection"] = "close"
    await _start(send, status, headers)
    await send({"type": "http.response.body", "body": body})
