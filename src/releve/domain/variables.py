"""Variables of a device model: what is known of one, and whether a value can be written to it.

Configuration keys of 1.6 are variables without a component; their kinds come from the standard's own list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from releve.domain.commands import VariableName

TRUTH = ("true", "false")
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z")
_DECIMAL = re.compile(r"[+-]?(\d{1,18}(\.\d{0,12})?|\.\d{1,12})([eE][+-]?\d{1,2})?\Z")
NETWORK = "NetworkConfiguration"
PRIORITY = VariableName(component="OCPPCommCtrlr", variable="NetworkConfigurationPriority")


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable as last reported by the station: one attribute, with the characteristics of the variable."""

    name: VariableName
    value: str | None = None
    mutability: str = ""
    """ReadOnly, WriteOnly, ReadWrite, or empty when not told."""
    data_type: str = ""
    """2.1 DataEnumType: string, decimal, integer, dateTime, boolean, OptionList, SequenceList, MemberList."""
    unit: str = ""
    values_list: str = ""
    """Comma-separated, for the lists."""
    min_limit: float | None = None
    max_limit: float | None = None
    """Highest number, or the longest text, or the most items of a list."""
    persistent: bool | None = None
    constant: bool = False
    supports_monitoring: bool = False
    reboot_required: bool = False
    """A value has been written that counts from the station's next start on."""
    reported_at: datetime

    @property
    def options(self) -> tuple[str, ...]:
        """The values of its list."""
        return tuple(item.strip() for item in self.values_list.split(",") if item.strip())


def problem_of(variable: Variable, value: str) -> str | None:
    """In an operator's words why the station will not take this value, as far as it has told; None when it may."""
    if variable.mutability == "ReadOnly" or variable.constant:
        return "The station says that this can only be read."
    value = value.strip() if variable.data_type not in ("", "string", "passwordString") else value
    match variable.data_type:
        case "integer":
            if not _INTEGER.match(value):
                return "This has to be a whole number."
            return _bounds(variable, float(value))
        case "decimal":
            if not _DECIMAL.match(value):
                return "This has to be a number, with a decimal point."
            return _bounds(variable, float(value))
        case "boolean":
            return None if value.casefold() in TRUTH else "This has to be true or false."
        case "dateTime":
            return _time(value)
        case "OptionList":
            return _option(variable, value)
        case "MemberList" | "SequenceList":
            return _list(variable, value)
        case _:
            return _length(variable, value)


def _bounds(variable: Variable, number: float) -> str | None:
    if variable.min_limit is not None and number < variable.min_limit:
        return f"The least that the station takes is {_plain(variable.min_limit)}{_unit(variable)}."
    if variable.max_limit is not None and number > variable.max_limit:
        return f"The most that the station takes is {_plain(variable.max_limit)}{_unit(variable)}."
    return None


def _time(value: str) -> str | None:
    try:
        told = datetime.fromisoformat(value)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        return "This has to be a time with its zone, as 2027-01-31T12:00:00Z."
    return None


def _option(variable: Variable, value: str) -> str | None:
    options = variable.options
    if not options or value.casefold() in {option.casefold() for option in options}:
        return None
    return f"This has to be one of {', '.join(options)}."


def _list(variable: Variable, value: str) -> str | None:
    items = [item.strip() for item in value.split(",") if item.strip()]
    if variable.max_limit is not None and len(value) > variable.max_limit:
        return f"The station takes at most {_plain(variable.max_limit)} characters."
    if variable.data_type == "MemberList" and len({i.casefold() for i in items}) < len(items):
        return "A member of this list can be named only once."
    options = {option.casefold() for option in variable.options}
    unknown = [item for item in items if options and item.casefold() not in options]
    if unknown:
        known = ", ".join(variable.options)
        return f"{', '.join(unknown)}: not among what the station knows ({known})."
    return None


def _length(variable: Variable, value: str) -> str | None:
    if variable.max_limit is not None and len(value) > variable.max_limit:
        return f"The station takes at most {_plain(variable.max_limit)} characters."
    if variable.min_limit is not None and len(value) < variable.min_limit:
        return f"The station wants at least {_plain(variable.min_limit)} characters."
    return None


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _unit(variable: Variable) -> str:
    return f" {variable.unit}" if variable.unit else ""


def network_in_use(names: Iterable[VariableName], priority: str | None) -> VariableName | None:
    """The first of the names that belongs to a network profile in use (B09.FR.10), None when none does."""
    slots = {slot.strip() for slot in (priority or "").split(",") if slot.strip()}
    for name in names:
        if name.component.casefold() == NETWORK.casefold() and name.component_instance in slots:
            return name
    return None
