"""The operator's register of tokens."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from releve.domain.ids import OperatorId, TokenId
from releve.domain.token import Token
from releve.services.errors import Invalid, NotFound, Taken
from releve.services.ports import Clock, Conflict, Ids, Store
from releve.services.token_checks import (
    MASTER_GROUP,
    TYPES,
    checked,
    checked_type,
    checked_value,
)

__all__ = ["EDITABLE", "MASTER_GROUP", "TYPES", "TokenDesk"]

EDITABLE = frozenset(Token.__struct_fields__) - {"id", "operator", "value", "type", "created_at"}
CURRENCY = "EUR"
"""Of a credit whose currency was not told."""


class TokenDesk:
    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._listeners: list[Callable[[OperatorId], None]] = []

    def when_changed(self, listener: Callable[[OperatorId], None]) -> None:
        """Have `listener` called after each change of the register: local lists follow it."""
        self._listeners.append(listener)

    async def add(
        self, operator: OperatorId, value: str, *, type: str = "ISO14443", **about: Any
    ) -> Token:
        """Register a token; about: some of EDITABLE. Values longer than 20 characters do not fit 1.6."""
        token = self.made(operator, value, type=type, **about)
        try:
            async with self._store.work(operator) as work:
                work.tokens.add(token)
        except Conflict as conflict:
            raise Taken(
                f"The token {token.value} is registered already.", field="value"
            ) from conflict
        self._tell(operator)
        return token

    def made(self, operator: OperatorId, value: str, *, type: str, **about: Any) -> Token:
        """A new token of these properties, not registered yet; Invalid where they cannot be."""
        _known(about)
        return _whole(
            Token(
                id=TokenId(self._ids.next()),
                operator=operator,
                value=checked_value(value),
                type=checked_type(type),
                created_at=self._clock.now(),
                **checked(about),
            )
        )

    async def change(self, operator: OperatorId, token: TokenId, **changes: Any) -> Token:
        """Change some of EDITABLE. A blocked token stops counting at its next use, on every station."""
        _known(changes)
        async with self._store.work(operator) as work:
            found = await work.tokens.get(token)
            if found is None:
                raise NotFound("There is no such token.")
            changed = _whole(msgspec.structs.replace(found, **checked(changes)))
            work.tokens.save(changed)
        self._tell(operator)
        return changed

    async def top_up(self, operator: OperatorId, token: TokenId, amount: Decimal) -> Token:
        """Add to a prepaid token's credit, or make it prepaid; a negative amount takes away."""
        async with self._store.work(operator) as work:
            found = await work.tokens.get(token)
        if found is None:
            raise NotFound("There is no such token.")
        return await self.change(operator, token, credit=(found.credit or Decimal(0)) + amount)

    async def remove(self, operator: OperatorId, token: TokenId) -> None:
        """Forget a token; transactions keep its value."""
        async with self._store.work(operator) as work:
            if await work.tokens.get(token) is None:
                raise NotFound("There is no such token.")
            work.tokens.remove(token)
        self._tell(operator)

    def _tell(self, operator: OperatorId) -> None:
        for listener in self._listeners:
            listener(operator)


def _known(fields: dict[str, Any]) -> None:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise Invalid(f"This cannot be changed: {', '.join(sorted(unknown))}.")


def _whole(token: Token) -> Token:
    """A token whose fields fit each other."""
    if token.language2 and not token.language:
        raise Invalid("A second language needs a first one.", field="language2")  # C01.FR.10
    if token.language2 and token.language2.casefold() == token.language.casefold():
        raise Invalid("The second language differs from the first.", field="language2")  # C01.FR.11
    starts, ends = token.not_before, token.expires_at
    if starts is not None and ends is not None and ends <= starts:
        raise Invalid("The token expires before it begins.", field="expires_at")
    if token.credit is not None and token.concurrent:
        raise Invalid("A prepaid token pays for one transaction at a time.", field="concurrent")
    if token.credit is not None and not token.currency:
        token = msgspec.structs.replace(token, currency=CURRENCY)
    if token.master and token.group is None:  # stations know master passes by their group (C16)
        token = msgspec.structs.replace(token, group=MASTER_GROUP)
    return token
