"""Live changes as server-sent events, resumable from the outbox."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import HeaderParameter, QueryParameter, SkipValidation
from litestar.response import Stream

from releve.api.here import Asker, TheDesk, station_id
from releve.api.problems import Refused
from releve.api.security import Doorkeeper
from releve.domain.events import TOPICS, Event
from releve.services.access import Principal
from releve.services.errors import Invalid
from releve.services.ports import Announced

TAGS = ["Events"]
MOST_STREAMS = 20
BEAT_S = 15.0
CHECK_S = 60.0
RETRY_MS = 2000
LARGEST_ID = 2**63 - 1
BEAT = b": beat\n\n"
MEDIA_TYPE = "text/event-stream"
STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
IDS = ("station", "transaction")
StillAllowed = Callable[[], Awaitable[bool]]


class Streams:
    """Open streams, counted per principal."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def check(self, principal: Principal) -> None:
        """429 when as many are open as one may have."""
        if self.open(principal) >= MOST_STREAMS:
            raise Refused(
                429,
                "too-many-streams",
                f"{MOST_STREAMS} streams are open already. Close one, or follow several topics in one.",
                {"retry-after": "30"},
            )

    def open(self, principal: Principal) -> int:
        """How many this principal has."""
        return self._open[_name(principal)]

    async def counted(
        self, principal: Principal, lines: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        """The same lines, counted as an open stream while they last."""
        name = _name(principal)
        self._open[name] += 1
        try:
            async with aclosing(lines):
                async for line in lines:
                    yield line
        finally:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]


Open = NamedDependency[SkipValidation[Streams]]
Door = NamedDependency[SkipValidation[Doorkeeper]]


Topics = Annotated[
    str,
    QueryParameter(
        description=f"Only these, separated by commas: {', '.join(TOPICS)}.", max_length=500
    ),
]
OneStation = Annotated[
    str | None, QueryParameter(description="Only this station: id or identity.", max_length=255)
]
After = Annotated[
    int | None,
    QueryParameter(description="First the durable events after this id.", ge=0, le=LARGEST_ID),
]
LastEventId = Annotated[
    int | None,
    HeaderParameter(
        name="Last-Event-ID",
        description="As `after`, and wins over it: browsers send it when they reconnect.",
        ge=0,
        le=LARGEST_ID,
    ),
]


@get(
    "/events",
    operation_id="followEvents",
    summary="Follow live changes",
    tags=TAGS,
    media_type=MEDIA_TYPE,
)
async def follow(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    streams: Open,
    door: Door,
    topics: Topics = "",
    station: OneStation = None,
    after: After = None,
    last_event_id: LastEventId = None,
) -> Stream:
    """`text/event-stream`: `event` is the topic, `data` the event as JSON, `id` its place in the outbox.

    Durable events carry an id and can be asked for again; `meter.sampled` has none and is only told live. A comment
    comes every 15 s when nothing happens. The stream ends when the server stops, the key is revoked, or the reader is
    too slow; reconnecting with the last id misses nothing.
    """
    wanted = _topics(topics)
    only = int(await station_id(desk, asker, station)) if station else None
    streams.check(asker)
    since = after if last_event_id is None else last_event_id
    events = desk.feed.listen(asker.operator, topics=wanted, after=since)

    lines = streams.counted(asker, told(events, partial(_still_allowed, door, request), only))
    return Stream(lines, media_type=MEDIA_TYPE, headers=STREAM_HEADERS)


async def told(
    events: AsyncIterator[Announced],
    still_allowed: StillAllowed,
    station: int | None = None,
    *,
    beat_s: float = BEAT_S,
    check_s: float = CHECK_S,
) -> AsyncGenerator[bytes, None]:
    """Events in the stream's form, a comment every beat_s seconds when nothing happens. Ends when `events` does.

    still_allowed: asked every check_s seconds; the stream ends when it says no. station: only its events.
    """
    now = asyncio.get_running_loop().time
    checked_at = now()
    waiting: asyncio.Task[Announced | None] | None = None
    try:
        yield f"retry: {RETRY_MS}\n: connected\n\n".encode()
        while True:
            waiting = waiting or asyncio.create_task(_next(events))
            await asyncio.wait({waiting}, timeout=beat_s)
            if now() - checked_at >= check_s:
                checked_at = now()
                if not await still_allowed():
                    return
            if not waiting.done():
                yield BEAT
                continue
            announced, waiting = waiting.result(), None
            if announced is None:
                return
            if station is None or announced.event.station == station:
                yield encode(announced)
    finally:
        # In a task of its own: when the client has gone, every await here is cancelled.
        ending = asyncio.create_task(_end(waiting, events))
        _endings.add(ending)
        ending.add_done_callback(_endings.discard)


def encode(announced: Announced) -> bytes:
    """One event in the stream's form; ids are text, because JavaScript's numbers have only 53 bits."""
    event = announced.event
    place = "" if announced.id is None else f"id: {announced.id}\n"
    data = msgspec.json.encode(told_fields(event)).decode()
    return f"{place}event: {event.topic}\ndata: {data}\n\n".encode()


def told_fields(event: Event) -> dict[str, Any]:
    """An event as the outside sees it: everything but its operator."""
    fields = msgspec.structs.asdict(event)
    del fields["operator"]
    for name in IDS:
        if fields.get(name) is not None:
            fields[name] = str(fields[name])
    return fields


_endings: set[asyncio.Task[None]] = set()


async def _next(events: AsyncIterator[Announced]) -> Announced | None:
    return await anext(events, None)


async def _end(waiting: asyncio.Task[Announced | None] | None, events: Any) -> None:
    if waiting is not None:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    if hasattr(events, "aclose"):
        await events.aclose()


async def _still_allowed(door: Doorkeeper, request: Request[Any, Any, Any]) -> bool:
    try:
        return "read" in (await door.identify(request)).scopes
    except HTTPException:
        return False


def _topics(text: str) -> frozenset[str]:
    wanted = frozenset(filter(None, (part.strip() for part in text.split(","))))
    unknown = wanted - TOPICS.keys()
    if unknown:
        raise Invalid(
            f"There is no topic {', '.join(sorted(unknown))}. Topics: {', '.join(TOPICS)}.",
            field="topics",
        )
    return wanted


def _name(principal: Principal) -> str:
    return principal.account


ROUTES = (follow,)
