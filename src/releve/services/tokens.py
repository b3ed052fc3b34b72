"""The operator's register of tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from releve.domain.ids import OperatorId, TokenId
from releve.domain.token import Token
from releve.services.errors import Invalid, NotFound, Taken
from releve.services.ports import Clock, Conflict, Ids, Store

TYPES = (
    "ISO14443",
    "ISO15693",
    "Central",
    "eMAID",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
    "EVCCID",
    "DirectPayment",
    "VIN",
)
EDITABLE = frozenset({"label", "group", "blocked", "expires_at", "master", "concurrent"})


class TokenDesk:
    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def add(
        self,
        operator: OperatorId,
        value: str,
        *,
        type: str = "ISO14443",
        label: str = "",
        group: str | None = None,
        blocked: bool = False,
        expires_at: datetime | None = None,
        master: bool = False,
        concurrent: bool = False,
    ) -> Token:
        """Register a token. Values longer than 20 characters do not fit 1.6; those beyond 255 fit no version."""
        value = value.strip()
        if not value or len(value) > 255 or any(ord(c) < 32 for c in value):
            raise Invalid("A token's value has 1 to 255 characters.", field="value")
        if type not in TYPES:
            raise Invalid(f"The type is one of {', '.join(TYPES)}.", field="type")
        token = Token(
            id=TokenId(self._ids.next()),
            operator=operator,
            value=value,
            type=type,
            created_at=self._clock.now(),
            **_checked(
                label=label,
                group=group,
                blocked=blocked,
                expires_at=expires_at,
                master=master,
                concurrent=concurrent,
            ),
        )
        try:
            async with self._store.work(operator) as work:
                work.tokens.add(token)
        except Conflict as conflict:
            raise Taken(f"The token {value} is registered already.", field="value") from conflict
        return token

    async def change(self, operator: OperatorId, token: TokenId, **changes: Any) -> Token:
        """Change some of EDITABLE. A blocked token stops counting at its next use, on every station."""
        unknown = set(changes) - EDITABLE
        if unknown:
            raise Invalid(f"This cannot be changed: {', '.join(sorted(unknown))}.")
        async with self._store.work(operator) as work:
            found = await work.tokens.get(token)
            if found is None:
                raise NotFound("There is no such token.")
            changed = msgspec.structs.replace(found, **_checked(**changes))
            work.tokens.save(changed)
        return changed

    async def remove(self, operator: OperatorId, token: TokenId) -> None:
        """Forget a token; transactions keep its value."""
        async with self._store.work(operator) as work:
            if await work.tokens.get(token) is None:
                raise NotFound("There is no such token.")
            work.tokens.remove(token)


def _checked(**values: Any) -> dict[str, Any]:
    if len(values.get("label") or "") > 200:
        raise Invalid("The label has at most 200 characters.", field="label")
    group = values.get("group")
    if group is not None:
        values["group"] = group.strip() or None
        if len(group) > 36:
            raise Invalid("The group has at most 36 characters.", field="group")
    expires = values.get("expires_at")
    if expires is not None and expires.tzinfo is None:
        raise Invalid("The expiry needs a time zone.", field="expires_at")
    return values
