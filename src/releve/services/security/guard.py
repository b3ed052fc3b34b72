"""A station's password is changed in one way only: any other could lock the station out."""

from __future__ import annotations

from typing import Any

from releve.domain.commands import Command, SetVariables
from releve.services.errors import Invalid

PASSWORDS = frozenset({"AuthorizationKey", "BasicAuthPassword"})
REASON = (
    "A station's password is changed by password/change, which accepts the old one until the station has taken the new "
    "one: written like any other variable it could lock the station out."
)


def check_command(command: Command) -> None:
    """Invalid for a command that would write a password past `Passwords`."""
    if not isinstance(command, SetVariables) or command.password:
        return
    if any(name.variable in PASSWORDS for name, _ in command.values):
        raise Invalid(REASON, field="values")


def check_call(action: str, payload: dict[str, Any]) -> None:
    """The same for a raw call (wire names)."""
    if action == "ChangeConfiguration" and payload.get("key") in PASSWORDS:
        raise Invalid(REASON, field="key")
    if action != "SetVariables":
        return
    for one in payload.get("setVariableData") or ():
        variable = one.get("variable") if isinstance(one, dict) else None
        if isinstance(variable, dict) and variable.get("name") in PASSWORDS:
            raise Invalid(REASON, field="setVariableData")
