"""Tokens, and the two places where a station may know them from: its cache and the local list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Token:
    """What a driver presents. Compared without regard to case (CiString, identifierString)."""

    text: str
    type: str = "ISO14443"
    """2.x IdTokenEnumType; 1.6 has no types."""
    chain: str = ""
    """The contract certificate that a car shows with its eMAID, with its sub-CAs (PEM, leaf first)."""

    @property
    def key(self) -> str:
        return self.text.casefold()


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What the CSMS said of a token. `status` is the wire's word: Accepted, Blocked, ..."""

    status: str
    group: str | None = None
    expires_at: datetime | None = None
    transfer: tuple[str, ...] = ()
    """2.1: ways of transferring energy that are allowed; (): nothing was said."""

    @property
    def accepted_now(self) -> bool:
        """The answer itself: its end is about relying on it later (a prepaid card's is over at once)."""
        return self.status == "Accepted"

    def accepted(self, now: datetime) -> bool:
        return self.status == "Accepted" and (self.expires_at is None or now < self.expires_at)


@dataclass(slots=True)
class TokenBook:
    """The authorization cache and the local authorization list; the list overrides the cache (1.6, 3.5.3)."""

    list_version: int = 0
    local: dict[str, TokenInfo] = field(default_factory=dict)
    cache: dict[str, TokenInfo] = field(default_factory=dict)
    cache_limit: int = 500

    def find(self, token: Token) -> TokenInfo | None:
        return self.local.get(token.key) or self.cache.get(token.key)

    def learn(self, token: Token, info: TokenInfo) -> None:
        """Keep the CSMS's answer, unless the list knows the token; the oldest makes room."""
        if token.key in self.local:
            return
        self.cache.pop(token.key, None)
        self.cache[token.key] = info
        while len(self.cache) > self.cache_limit:
            del self.cache[next(iter(self.cache))]

    def replace_list(self, version: int, entries: Iterable[tuple[Token, TokenInfo]]) -> None:
        self.local = {token.key: info for token, info in entries}
        self.list_version = version

    def update_list(self, version: int, entries: Iterable[tuple[Token, TokenInfo | None]]) -> None:
        """A differential update: an entry without info is removed."""
        for token, info in entries:
            if info is None:
                self.local.pop(token.key, None)
            else:
                self.local[token.key] = info
        self.list_version = version


def same_group(one: TokenInfo | None, other: TokenInfo | None) -> bool:
    """Two tokens are one group when their parents match; a parent is never compared with a token (1.6, 3.10)."""
    if one is None or other is None or one.group is None or other.group is None:
        return False
    return one.group.casefold() == other.group.casefold()
