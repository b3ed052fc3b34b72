"""What families of stations get wrong, as data, and what is done about it.

A `Family` is one entry of the table (TOML files that the app reads): which stations it is about, and their `Quirks`.
A station's own quirks are those of all families that it belongs to, and what the operator switched for it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Literal

import msgspec

Level = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Count = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Zone = Annotated[str, msgspec.Meta(pattern=r"^(|[+-]\d\d:\d\d|[A-Za-z_]+(/[A-Za-z0-9_+\-]+)*)$")]
"""An offset (+02:00) or a name of the time zone database (Europe/Paris)."""
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Quirks(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What one station gets wrong. Every default is the behaviour of the standard."""

    # --- what it sends ---
    clock: Zone = ""
    """Its times are local times of this zone, although it marks them as UTC, or not at all."""
    decimal_comma: bool = False
    """It writes numbers with a decimal comma, and dots between thousands."""
    measurands: dict[Word, str] = {}
    """Names of measurands of its own -> those of the standard; "" for readings that mean nothing."""
    stale_contexts: tuple[Word, ...] = ()
    """Readings of these contexts repeat an old value beside the present one, and do not count then."""
    register_restarts: bool = False
    """Its energy register starts anew, mostly at 0, with each transaction."""
    status_before_start: bool = False
    """A status notification of a transaction may come before its start."""
    connector_zero: bool = False
    """It has one connector and calls it 0, as if it were the station."""
    boots_on_reconnect: bool = False
    """It boots, by its words, whenever it connects anew."""
    bends: tuple[Word, ...] = ()
    """Members of messages that it writes against the standard: tolerated, and no anomaly."""
    no_subprotocol: bool = False
    """It offers no WebSocket subprotocol."""
    hex_password: bool = False
    """It presents the hexadecimal text of its AuthorizationKey, not the bytes; the key is set as that text."""
    heartbeat_ignored: bool = False
    """It does not take its heartbeat interval from the answer to its boot."""
    no_pong: bool = False
    """It does not answer WebSocket pings."""
    # --- what it takes ---
    limits: dict[Word, Level] = {}
    """Learned limits (`services.limits`) that it has, whatever it tells."""
    one_key_at_a_time: bool = False
    """It answers GetConfiguration only for one key at a time, or only for all."""
    rate_unit: Literal["", "A", "W"] = ""
    """Charging profiles: the only unit that it takes."""
    stack_levels: tuple[Level, ...] = ()
    """Charging profiles: the only stack levels that it takes; empty: all up to its limit."""
    max_periods: Count | None = None
    """Charging profiles: how many periods a schedule may have."""
    whole_limits: bool = False
    """Charging profiles: limits without decimals."""
    tx_default_only: bool = False
    """Charging profiles: it obeys TxDefaultProfile only."""
    profile_kinds: tuple[Literal["Absolute", "Relative", "Recurring"], ...] = ()
    """Charging profiles: the only kinds that it takes; empty: all."""
    profile_pause_s: Count | None = None
    """Charging profiles: no two within so many seconds, for it wears its memory out or refuses."""
    profiles_ignored: bool = False
    """Charging profiles: accepted, and not obeyed."""

    @property
    def mends(self) -> bool:
        """Whether its messages have to be put right before they are understood."""
        return bool(
            self.clock
            or self.decimal_comma
            or self.measurands
            or self.stale_contexts
            or self.connector_zero
        )


NONE = Quirks()
"""A station by the book."""


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the table. vendor, model: regular expressions, matched whole and without regard to case.

    firmware: versions (`>=1.4,<1.6.2`), or a regular expression after `~`; empty: all.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9\-]*$")]
    name: str
    vendor: str
    model: str = ".*"
    firmware: str = ""
    note: str = ""
    """For the operator, in a sentence."""
    sources: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """Where it was reported: repository#thread, or an address."""
    quirks: Quirks

    def has(self, vendor: str, model: str, firmware: str) -> bool:
        """Whether a station that says this of itself is one of the family."""
        return bool(
            _pattern(self.vendor).fullmatch(vendor.strip())
            and _pattern(self.model).fullmatch(model.strip())
            and matches_version(self.firmware, firmware)
        )


def merged(families: Iterable[Family], switched: Mapping[str, Any]) -> Quirks:
    """The quirks of all families, later ones winning, and above them what the operator switched.

    switched: quirks by name; limits are merged by their names, null taking one away.
    """
    found: dict[str, Any] = {}
    for family in families:
        _lay(found, msgspec.to_builtins(family.quirks))
    _lay(found, switched)
    return msgspec.convert(found, Quirks) if found else NONE


def _lay(found: dict[str, Any], above: Mapping[str, Any]) -> None:
    for name, value in above.items():
        if isinstance(value, Mapping) and isinstance(found.get(name), Mapping):
            value = {**found[name], **value}
        if isinstance(value, Mapping):
            value = {k: v for k, v in value.items() if v is not None}
        found[name] = value


# --- versions -------------------------------------------------------------------------------------------------------

_CONDITION = re.compile(r"\s*(>=|<=|==|>|<)\s*([0-9][^,\s]*)\s*")


def matches_version(wanted: str, version: str) -> bool:
    """Whether a firmware version is among those wanted; one that tells no number is in no range."""
    if not wanted:
        return True
    if wanted.startswith("~"):
        return _pattern(wanted[1:]).fullmatch(version.strip()) is not None
    told = _numbers(version)
    return bool(told) and all(_holds(told, op, _numbers(to)) for op, to in conditions(wanted))


@cache
def conditions(wanted: str) -> tuple[tuple[str, str], ...]:
    """The conditions of a range; ValueError when it is none."""
    found = []
    for part in wanted.split(","):
        match = _CONDITION.fullmatch(part)
        if match is None:
            raise ValueError(f"{part.strip()!r} is no condition on a version, such as >=1.4")
        found.append((match[1], match[2]))
    return tuple(found)


def _holds(told: tuple[int, ...], condition: str, bound: tuple[int, ...]) -> bool:
    length = max(len(told), len(bound))
    a, b = (each + (0,) * (length - len(each)) for each in (told, bound))
    return {">=": a >= b, "<=": a <= b, ">": a > b, "<": a < b, "==": a == b}[condition]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,18}", version))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
