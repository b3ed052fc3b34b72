"""Local authorization lists: what a station knows of tokens when it cannot ask (block D; 1.6 5.10, 5.11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, ClassVar

import msgspec

from releve.domain.commands import Command
from releve.domain.holding import Holding
from releve.domain.token import (
    DIRECT_PAYMENT,
    NO_AUTHORIZATION,
    IdToken,
    Judgement,
    Place,
    Token,
    judge,
)

LARGEST_VERSION = 2**31 - 1
"""Version numbers are 32-bit integers on the wire."""
ENTRY_BYTES = 420
"""What an entry takes on the wire beside its texts, at most: names of fields, times, languages, some EVSEs."""


class UpdateKind(StrEnum):
    """2.1 UpdateEnumType."""

    FULL = "Full"
    DIFFERENTIAL = "Differential"


class ListEntry(msgspec.Struct, frozen=True):
    """A token on a list. judgement None: take it off (D01.FR.17)."""

    token: IdToken
    judgement: Judgement | None = None


class SendLocalList(Command, frozen=True, kw_only=True):
    """D01. Entries that do not fit the station's version are left out: such tokens cannot be presented there."""

    kind: UpdateKind
    version: int
    entries: tuple[ListEntry, ...] = ()


class GetLocalListVersion(Command, frozen=True, kw_only=True):
    """D02. The outcome's details have `version`: 0 for no list, -1 for "not supported" (1.6)."""


class GetListLimits(Command, frozen=True, kw_only=True):
    """Read the variables (1.6: keys) that say how long a list, and how long a message about it, may be (D01.FR.11)."""

    while_pending: ClassVar[bool] = True


class ListRule(StrEnum):
    """Which tokens go onto a station's list."""

    ALL = "all"
    GROUPS = "groups"
    CHOSEN = "chosen"


class ListState(StrEnum):
    OFF = "off"
    """Not kept in step."""
    WAITING = "waiting"
    """It differs from what it should be; it is sent when the station is there."""
    IN_STEP = "in-step"
    FAILED = "failed"
    """The station did not take it; `detail` says what it said. It is tried again at its return, or at a change."""
    NOT_SUPPORTED = "not-supported"
    """The station has no local list, or has it switched off."""


class LocalList(Holding, frozen=True, kw_only=True):
    """A station's list: what is wanted of it, and what the station has last confirmed."""

    kind: ClassVar[str] = "local-list"

    state: ListState = ListState.OFF
    rule: ListRule = ListRule.ALL
    groups: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    """Values of tokens."""
    version: int = 0
    """The last that the station confirmed; 0: none."""
    size: int = 0
    """How many tokens are on it, as far as is known."""
    certain: bool = False
    """All that the station has is known (`ListContent`). False before the first list, and at a foreign version."""
    left_out: int = 0
    """Tokens that are wanted, but beyond what the station can hold."""
    detail: str = ""
    changed_at: datetime | None = None
    """When the station last confirmed a change."""

    @property
    def key(self) -> str:
        """A station has one list."""
        return "list"

    @property
    def automatic(self) -> bool:
        """Kept in step by the system."""
        return self.state is not ListState.OFF


class ListContent(Holding, frozen=True, kw_only=True):
    """What the station has confirmed, apart because it may be long: key of a token -> what it was told (`mark`)."""

    kind: ClassVar[str] = "local-list-content"

    marks: dict[str, str] = {}

    @property
    def key(self) -> str:
        """A station has one list."""
        return "list"

    def token(self, key: str) -> IdToken:
        """The token under this key, as the station was told it."""
        return marked_token(self.marks[key])


class ListLimits(msgspec.Struct, frozen=True):
    """What a station can take. None: it has not told.

    items: entries in one message. bytes: length of one message. entries: entries in all.
    """

    items: int | None = None
    bytes: int | None = None
    entries: int | None = None


def entry_key(token: IdToken) -> str:
    """A token's key on a list: unique by type and value (D01.FR.06)."""
    return f"{token.type.casefold()}:{token.key}"


def mark(entry: ListEntry) -> str:
    """A digest of what a station is told of a token, and the token as it is written."""
    content = msgspec.json.encode(entry.judgement)
    written = f"{entry.token.type}:{entry.token.value}"
    return f"{blake2b(content, digest_size=8).hexdigest()} {written}"


def marked_token(marked: str) -> IdToken:
    """The token of a mark."""
    kind, _, value = marked.partition(" ")[2].partition(":")
    return IdToken(value, kind)


def wanted_entries(tokens: Iterable[Token], place: Place, at: datetime) -> dict[str, ListEntry]:
    """What a list says of tokens, at a station, by key.

    Prepaid tokens stay off: their credit has to be asked for each time (C17). So do tokens that are not for readers.
    Refused ones are on it too, with their status: a station that is alone must refuse them (C13, C14).
    """
    found: dict[str, ListEntry] = {}
    for token in tokens:
        if token.credit is not None or token.type in (NO_AUTHORIZATION, DIRECT_PAYMENT):
            continue
        presented = IdToken(token.value, token.type)
        judgement = judge(presented, token, at, place)
        # The list outlasts a cache: only the token's own end counts, else it would differ at every look.
        judgement = msgspec.structs.replace(judgement, cache_until=None)
        found[entry_key(presented)] = ListEntry(presented, judgement)
    return found


def changes(known: Mapping[str, str], wanted: Mapping[str, ListEntry]) -> tuple[ListEntry, ...]:
    """What has to be told so that a list of `known` marks becomes the wanted one: additions, updates, removals."""
    told = [
        entry
        for key, entry in wanted.items()
        if entry.judgement is not None and known.get(key) != mark(entry)
    ]
    gone = [ListEntry(marked_token(marked)) for key, marked in known.items() if key not in wanted]
    return (*gone, *told)  # what goes makes room for what comes


def applied(
    known: Mapping[str, str], kind: UpdateKind, entries: Iterable[ListEntry]
) -> dict[str, str]:
    """The marks of a list after the station took this."""
    found = {} if kind is UpdateKind.FULL else dict(known)
    for entry in entries:
        key = entry_key(entry.token)
        if entry.judgement is None:
            found.pop(key, None)
        else:
            found[key] = mark(entry)
    return found


def in_messages(entries: Sequence[ListEntry], limits: ListLimits) -> list[tuple[ListEntry, ...]]:
    """Entries in as many messages as the station's limits ask for (D01.FR.11); one, empty, for none."""
    most = max(1, limits.items or len(entries) or 1)
    messages: list[tuple[ListEntry, ...]] = []
    batch: list[ListEntry] = []
    size = 0
    for entry in entries:
        weight = _bytes(entry)
        full = limits.bytes is not None and batch and size + weight > limits.bytes - ENTRY_BYTES
        if len(batch) >= most or full:
            messages.append(tuple(batch))
            batch, size = [], 0
        batch.append(entry)
        size += weight
    messages.append(tuple(batch))
    return messages


def _bytes(entry: ListEntry) -> int:
    """An upper estimate of an entry's length on the wire."""
    texts: list[Any] = [entry.token.value, entry.token.type]
    if entry.judgement is None:
        return 80 + sum(len(str(t).encode()) for t in texts)
    j = entry.judgement
    texts += [j.group or "", j.message, j.language, *j.evses]
    return ENTRY_BYTES + sum(2 + len(str(t).encode()) for t in texts)


def next_version(*known: int) -> int:
    """A version beyond all known ones; never 0 or -1, which have a meaning of their own (D01.FR.18; 1.6 5.10)."""
    highest = max((v for v in known if v > 0), default=0)
    return highest + 1 if highest < LARGEST_VERSION else 1
