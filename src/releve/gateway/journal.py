"""The message log's lines, without the secrets that some messages carry."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

import msgspec

from releve.domain.station import Station
from releve.ocpp.rpc.vocabulary import Role, vocabulary_of
from releve.ocpp.version import Version
from releve.services.learning import SECRET_VARIABLES
from releve.services.ports import Exchange, Store

MASK = "•••"
_KEY, _PASSWORD, _KEY_CODE = "AuthorizationKey", "BasicAuthPassword", "KeyCode"
_TOTP = "SharedSecret"
_VALUES = ("value", "attributeValue")
PERSONAL = "NotifyCustomerInformation"
_DATA = re.compile(r'("data"\s*:\s*)"(?:[^"\\]|\\.)*"')
WITH_ADDRESSES = frozenset(
    {"GetLog", "GetDiagnostics", "UpdateFirmware", "SignedUpdateFirmware", "PublishFirmware"}
)
"""Their requests carry an address that opens a file to whoever knows it."""
_USERINFO = re.compile(r'(://)[^/@\s"]+@')
_LEAVE = re.compile(r"(?<=/f/)[0-9a-z]{1,13}\.[A-Za-z0-9]{16,}")
OTHER = "other"
ACTIONS = frozenset().union(*(vocabulary_of(v, role).known for v in Version for role in Role))


def shown(action: str, text: str) -> str:
    """A request as it is logged: without what is secret for the sake of its action."""
    if (
        action == PERSONAL
    ):  # N09: what a station knows of a customer is kept for a few days only, and not here
        return _DATA.sub(r'\1"' + MASK + '"', text)
    if action in WITH_ADDRESSES:
        text = _LEAVE.sub(MASK, _USERINFO.sub(r"\1" + MASK + "@", text))
    return masked(text)


def masked(text: str) -> str:
    """A payload without station passwords and key codes (C04.FR.04: a KeyCode is never shown).

    Only texts that name one are looked at closely; one of them that cannot be read is not shown at all.
    """
    # Spelled out: a generator over these names costs more than looking for them, twice in every message.
    if _KEY not in text and _PASSWORD not in text and _KEY_CODE not in text and _TOTP not in text:
        return text
    try:
        return msgspec.json.encode(_without_secrets(msgspec.json.decode(text))).decode()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return MASK


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {name: _without_secrets(item) for name, item in value.items()}
    variable = value.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else value.get("key")
    if name in SECRET_VARIABLES:
        shown.update({field: MASK for field in _VALUES if field in shown})
        attributes = shown.get("variableAttribute")  # 2.x NotifyReport
        for attribute in attributes if isinstance(attributes, list) else []:
            if isinstance(attribute, dict) and "value" in attribute:
                attribute["value"] = MASK
    if value.get("type") == _KEY_CODE and "idToken" in shown:
        shown["idToken"] = MASK
    return shown


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
        # A station may invent names: what is counted must not grow with them.
        self.counts[(inbound, action if action in ACTIONS else OTHER, outcome)] += 1
        self._store.log(
            Exchange(
                station=station.id,
                operator=station.operator,
                at=at,
                inbound=inbound,
                action=action,
                message_id=message_id,
                request=shown(action, request.decode("utf-8", "replace")),
                response=masked(response.decode("utf-8", "replace")),
                outcome=outcome,
                error=error,
                duration_ms=duration_ms,
            )
        )
