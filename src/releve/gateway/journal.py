"""The message log's lines, without the secrets that some messages carry."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from releve.domain.station import Station
from releve.services.ports import Exchange, Store

MASK = "•••"
_SECRET_NAMES = ("AuthorizationKey", "BasicAuthPassword")
_SECRET_VALUES = [
    # {"key":"AuthorizationKey","value":"..."} in either order, and 2.x SetVariableData, where objects stand between
    re.compile(
        r'("(?:key|name)"\s*:\s*"(?:AuthorizationKey|BasicAuthPassword)"[^\[\]]*?"(?:value|attributeValue)"\s*:\s*)"(?:[^"\\]|\\.)*"'
    ),
    re.compile(
        r'("(?:value|attributeValue)"\s*:\s*)"(?:[^"\\]|\\.)*"(?=[^\[\]]*?"(?:key|name)"\s*:\s*"(?:AuthorizationKey|BasicAuthPassword)")'
    ),
]
_KEY_CODE = re.compile(r'("idToken"\s*:\s*)"(?:[^"\\]|\\.)*"(?=[^{}]*"type"\s*:\s*"KeyCode")')


def masked(text: str) -> str:
    """A payload without station passwords and key codes (C01: a KeyCode is never shown)."""
    if any(name in text for name in _SECRET_NAMES):
        for pattern in _SECRET_VALUES:
            text = pattern.sub(rf'\1"{MASK}"', text)
    if "KeyCode" in text:
        text = _KEY_CODE.sub(rf'\1"{MASK}"', text)
    return text


class Journal:
    """Writes exchanges to the store and counts them by action and outcome."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.counts: Counter[tuple[bool, str, str]] = Counter()
        """(inbound, action, outcome) -> number; actions are those of the standard, others count as "other"."""

    def write(
        self,
        station: Station,
        at: datetime,
        *,
        inbound: bool,
        action: str,
        message_id: str,
        request: bytes,
        response: bytes = b"",
        outcome: str = "answered",
        error: str = "",
        duration_ms: float | None = None,
    ) -> None:
        """Log one exchange; never waits and never fails."""
        self.counts[(inbound, action, outcome)] += 1
        self._store.log(
            Exchange(
                station=station.id,
                operator=station.operator,
                at=at,
                inbound=inbound,
                action=action,
                message_id=message_id,
                request=masked(request.decode("utf-8", "replace")),
                response=masked(response.decode("utf-8", "replace")),
                outcome=outcome,
                error=error,
                duration_ms=duration_ms,
            )
        )
