"""What an operator may write about a token, checked field by field and said in his words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from releve.services.errors import Invalid

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
"""The standard's own. 2.1 leaves the list open: others may be used there."""
MASTER_GROUP = "MASTERPASS"
"""The group of a master pass for which none was given: what a station's MasterPassGroupId is set to."""
_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,19}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,4})?\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_PLACE = re.compile(r"(?:site:.{1,200}|[^\s/]{1,255}(?:/[1-9]\d{0,4})?)\Z")
MOST_PLACES = 200
MOST_CREDIT = Decimal(1_000_000)
YEAR_S = 366 * 86_400


def checked_value(value: str) -> str:
    """A token's value, without blanks around it."""
    value = value.strip()
    if not value or len(value) > 255 or any(ord(c) < 32 for c in value):
        raise Invalid("A token's value has 1 to 255 characters.", field="value")
    return value


def checked_type(kind: str) -> str:
    """A type of the standard in its own spelling, or one of the operator's (2.1 only)."""
    kind = kind.strip()
    for known in TYPES:
        if known.casefold() == kind.casefold():
            return known
    if not _TYPE.match(kind):
        raise Invalid(
            f"The type is one of {', '.join(TYPES)}, or a word of your own of at most 20 letters and digits.",
            field="type",
        )
    return kind


def checked(values: dict[str, Any]) -> dict[str, Any]:
    """The given fields as they are kept; Invalid names the first that cannot be."""
    found = dict(values)
    for name, check in _CHECKS.items():
        if name in found:
            found[name] = check(name, found[name])
    return found


def _text(most: int, what: str) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> str:
        text = (value or "").strip()
        if len(text) > most:
            raise Invalid(f"The {what} has at most {most} characters.", field=name)
        return text

    return check


def _group(name: str, value: Any) -> str | None:
    return _text(36, "group")(name, value) or None


def _instant(what: str) -> Callable[[str, Any], Any]:
    def check(name: str, value: Any) -> Any:
        if value is not None and value.tzinfo is None:
            raise Invalid(f"The {what} needs a time zone.", field=name)
        return value

    return check


def _places(name: str, value: Any) -> tuple[str, ...]:
    places = _unique(value)
    if len(places) > MOST_PLACES:
        raise Invalid(f"A token has at most {MOST_PLACES} places.", field=name)
    for place in places:
        if not _PLACE.match(place):
            raise Invalid(
                f"{place!r} is no place: write a station's identity, identity/EVSE, or site:NAME.",
                field=name,
            )
    return places


def _connector_types(name: str, value: Any) -> tuple[str, ...]:
    kinds = _unique(value)
    if any(len(kind) > 20 for kind in kinds):
        raise Invalid("A connector's type has at most 20 characters, as in cCCS2.", field=name)
    return kinds


def _unique(value: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v.strip() for v in value or () if v.strip()))


def _language(name: str, value: Any) -> str:
    tag = (value or "").strip()
    if tag and not _LANGUAGE.match(tag):  # C01.FR.17, C04.FR.05: RFC 5646, eight characters
        raise Invalid("A language is a tag such as fr or en-US.", field=name)
    return tag


def _priority(name: str, value: Any) -> int | None:
    if value is not None and not -9 <= value <= 9:
        raise Invalid("The priority is between -9 and 9.", field=name)
    return None if value is None else int(value)


def _cache_s(name: str, value: Any) -> int | None:
    if value is not None and not 0 <= value <= YEAR_S:
        raise Invalid("Stations may remember a token for 0 seconds to one year.", field=name)
    return None if value is None else int(value)


def _credit(name: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    credit = Decimal(str(value))
    if not credit.is_finite() or abs(credit) > MOST_CREDIT:
        raise Invalid(f"The credit is an amount up to {MOST_CREDIT:,}.", field=name)
    return credit.quantize(Decimal("0.0001")).normalize() + Decimal(0)


def _currency(name: str, value: Any) -> str:
    currency = (value or "").strip().upper()
    if currency and not _CURRENCY.match(currency):
        raise Invalid("A currency has three letters, as in EUR.", field=name)
    return currency


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "label": _text(200, "label"),
    "group": _group,
    "not_before": _instant("beginning"),
    "expires_at": _instant("expiry"),
    "places": _places,
    "connector_types": _connector_types,
    "language": _language,
    "language2": _language,
    "message": _text(512, "message"),
    "priority": _priority,
    "cache_s": _cache_s,
    "credit": _credit,
    "currency": _currency,
}
