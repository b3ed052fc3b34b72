"""Tokens, through a cache: every charge begins with the question who may."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from releve.domain.ids import TokenId
from releve.domain.token import IdToken, Token
from releve.storage.mapping import Mapper, clean
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import tokens
from releve.storage.writes import delete, insert, update

TOKEN = Mapper(Token)
_DERIVED = ("value_key", "type_key", "search")
_OWN = ("id", "operator_id")

ADD = insert(tokens, (*TOKEN.columns, *_DERIVED))
SAVE = update(tokens, _OWN, (*TOKEN.columns[2:], *_DERIVED))
REMOVE = delete(tokens, _OWN)

_TOKENS = select(*(tokens.c[name] for name in TOKEN.columns)).where(
    tokens.c.operator_id == value("operator")
)
GET = Query(_TOKENS.where(tokens.c.id == value("token")))
ALL = Query(_TOKENS.order_by(tokens.c.id))
FIND = Query(_TOKENS.where(tokens.c.value_key == value("key")).order_by(tokens.c.id))


def _derived(token: Token) -> tuple[str, str, str]:
    words = f"{token.value}\n{token.label}\n{token.group or ''}"
    return clean(token.value.casefold()), token.type.casefold(), clean(words.casefold())


def _pick(found: tuple[Token, ...], kind: str) -> Token | None:
    """The token of the type presented. A lone one is given whatever its type: judging it is a rule's affair."""
    if len(found) == 1 or (found and not kind):
        return found[0]
    folded = kind.casefold()
    return next((token for token in found if token.type.casefold() == folded), None)


class StoredTokens(Repository):
    """Implements `services.ports.Tokens`."""

    __slots__ = ()

    async def get(self, token: TokenId) -> Token | None:
        """The token with this row id, from the database."""
        row = await self._row(GET, token=token)
        return TOKEN.decode(row) if row else None

    async def find(self, presented: IdToken) -> Token | None:
        """The token that was presented; from the cache where it is fresh (`token_cache.py`)."""
        cache = self._shared.tokens
        key = clean(presented.key)
        found = cache.get(self._operator, key)
        if found is None:
            before = cache.generation
            rows = await self._rows(FIND, key=key)
            found = tuple(TOKEN.decode(row) for row in rows)
            cache.put(self._operator, key, found, before)
        return _pick(found, presented.type)

    async def all(self, *, groups: Sequence[str] | None = None) -> list[Token]:
        """All of them, or the members of these groups, oldest first; from the database."""
        found = [TOKEN.decode(row) for row in await self._rows(ALL)]
        if groups is None:
            return found
        wanted = {group.casefold() for group in groups}
        return [token for token in found if (token.group or "").casefold() in wanted]

    def add(self, token: Token) -> None:
        """Add a token. Conflict at commit when value and type are taken."""
        self._own(token.operator)
        self._unit.write(ADD, TOKEN.encode(token) + _derived(token), token.id)
        self._changes(token.id, token.value)

    def save(self, token: Token) -> None:
        """Replace it."""
        self._own(token.operator)
        self._unit.write(SAVE, TOKEN.encode(token) + _derived(token), token.id)
        self._changes(token.id, token.value)

    def remove(self, token: TokenId) -> None:
        """Forget it; transactions keep its value."""
        self._unit.write(REMOVE, (token, self._operator), token)
        self._changes(token, None)

    def _changes(self, token: TokenId, text: str | None) -> None:
        cache, operator = self._shared.tokens, self._operator
        key = None if text is None else clean(text.casefold())
        # Kept or not: when the commit's outcome is unknown, the cache must not know better than the disk.
        self._unit.after.append(lambda _kept: cache.drop(operator, key, token))
