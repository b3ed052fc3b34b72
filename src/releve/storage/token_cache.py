"""Tokens by value in memory.

When a change reaches the cache: at once when it was made through this store (before the change's waiter goes on); after
at most `MAX_AGE_S` when another process made it (the command line beside a running server, or another node), or
`MAX_AGE_ABSENT_S` when the cache remembers that there is no such token.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from releve.domain.ids import OperatorId, TokenId
from releve.domain.token import Token

LIMIT = 100_000
MAX_AGE_S = 60.0
MAX_AGE_ABSENT_S = 5.0

_Key = tuple[OperatorId, str]


class TokenCache:
    """Least recently used entries go first. monotonic: seconds, as `Clock.monotonic`."""

    def __init__(self, monotonic: Callable[[], float], *, limit: int = LIMIT) -> None:
        self._monotonic = monotonic
        self._limit = limit
        self._entries: OrderedDict[_Key, tuple[float, tuple[Token, ...]]] = OrderedDict()
        self._keys: dict[TokenId, _Key] = {}
        self.generation = 0
        """Grows with every change: what was read before a change must not be put after it."""

    def get(self, operator: OperatorId, key: str) -> tuple[Token, ...] | None:
        """Tokens with this folded value, () when there are known to be none, None when not known."""
        entry = self._entries.get((operator, key))
        if entry is None:
            return None
        until, tokens = entry
        if self._monotonic() > until:
            self._forget((operator, key))
            return None
        self._entries.move_to_end((operator, key))
        return tokens

    def put(
        self, operator: OperatorId, key: str, tokens: tuple[Token, ...], generation: int
    ) -> None:
        """Remember what was read when `generation` was as given; ignored when something has changed since."""
        if generation != self.generation:
            return
        age = MAX_AGE_S if tokens else MAX_AGE_ABSENT_S
        self._entries[operator, key] = (self._monotonic() + age, tokens)
        for token in tokens:
            self._keys[token.id] = (operator, key)
        while len(self._entries) > self._limit:
            self._forget(next(iter(self._entries)))

    def drop(self, operator: OperatorId, key: str | None, token: TokenId) -> None:
        """A token changed: forget its new value, and the one under which it is remembered."""
        self.generation += 1
        if key is not None:
            self._forget((operator, key))
        known = self._keys.get(token)
        if known is not None:
            self._forget(known)

    def _forget(self, key: _Key) -> None:
        entry = self._entries.pop(key, None)
        for token in entry[1] if entry else ():
            self._keys.pop(token.id, None)
