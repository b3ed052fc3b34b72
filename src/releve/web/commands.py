"""What an operator can ask of a station, as forms: the fields of each command and how they become one.

The dialogs are drawn from this table; adding a command here is all it takes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from releve.domain.commands import (
    ChangeAvailability,
    ClearCache,
    Command,
    DataTransfer,
    Reset,
    ResetKind,
    TriggerMessage,
    UnlockConnector,
)
from releve.services.errors import Invalid
from releve.web.forms import Form
from releve.web.i18n import N_

CUSTOM = "CustomTrigger"
MESSAGES = (
    "StatusNotification",
    "BootNotification",
    "Heartbeat",
    "MeterValues",
    "TransactionEvent",
    "FirmwareStatusNotification",
    "LogStatusNotification",
    "SignChargingStationCertificate",
    "SignV2GCertificate",
    "SignV2G20Certificate",
    "SignCombinedCertificate",
    "PublishFirmwareStatusNotification",
    CUSTOM,
)
DEEPEST_JSON = 100_000


@dataclass(frozen=True, slots=True)
class Field:
    """One input. kind: text, evse (one of the station's EVSEs), token, choice, json, check.

    options: value and text of each choice.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    whole_station: str = ""
    """evse: the text of the choice that names none; empty: there is no such choice."""


@dataclass(frozen=True, slots=True)
class CommandForm:
    """build makes the command; None for those with a service of their own (start, call)."""

    name: str
    title: str
    icon: str
    explanation: str
    button: str
    build: Callable[[Form], Command] | None = None
    fields: tuple[Field, ...] = field(default=())
    dangerous: bool = False


def json_value(text: str, name: str) -> Any:
    """The JSON value of a text field; None when it is empty."""
    if not text:
        return None
    if len(text) > DEEPEST_JSON:
        raise Invalid(N_("This is too long."), field=name)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(N_("This is not JSON."), field=name) from None


def _reset(form: Form) -> Reset:
    return Reset(kind=ResetKind(form.choice("kind", tuple(ResetKind))), evse=form.integer("evse"))


def _unlock(form: Form) -> UnlockConnector:
    evse = form.integer("evse", least=1)
    if evse is None:
        raise Invalid(N_("This is needed."), field="evse")
    return UnlockConnector(evse=evse, connector=form.integer("connector", least=1) or 1)


def _trigger(form: Form) -> TriggerMessage:
    message = form.choice("message", MESSAGES)
    custom = form.text("custom") or None
    if message == CUSTOM and custom is None:
        raise Invalid(N_("This is needed."), field="custom")
    return TriggerMessage(
        message=message,
        evse=form.integer("evse"),
        connector=form.integer("connector", least=1),
        custom=custom if message == CUSTOM else None,
    )


def _availability(form: Form) -> ChangeAvailability:
    operative = form.choice("operative", ("yes", "no")) == "yes"
    return ChangeAvailability(operative=operative, evse=form.integer("evse"))


def _data_transfer(form: Form) -> DataTransfer:
    text = form.text("data", strip=False)
    try:
        data: Any = json.loads(text) if text.strip() else None
    except (ValueError, RecursionError):
        data = text
    return DataTransfer(
        vendor=form.required("vendor"), message=form.text("message") or None, data=data
    )


def _clear_cache(form: Form) -> ClearCache:
    return ClearCache()


ANY_EVSE = Field("evse", N_("EVSE"), "evse", whole_station=N_("The station chooses"))
WHOLE_OR_EVSE = Field("evse", N_("EVSE"), "evse", whole_station=N_("The whole station"))

COMMANDS: dict[str, CommandForm] = {
    form.name: form
    for form in (
        CommandForm(
            "start",
            N_("Start charging"),
            "player-play",
            N_(
                "The station is asked to begin a transaction. Without a token, one is made for this start only."
            ),
            N_("Start"),
            fields=(
                ANY_EVSE,
                Field("token", N_("Token"), "token", N_("Empty: no token of a driver is used.")),
                Field("energy_kwh", N_("At most (kWh)")),
                Field("minutes", N_("At most (minutes)")),
            ),
        ),
        CommandForm(
            "unlock",
            N_("Unlock a connector"),
            "lock-open",
            N_(
                "Releases the cable. A transaction that runs there is not ended by it on every station."
            ),
            N_("Unlock"),
            _unlock,
            (Field("evse", N_("EVSE"), "evse", required=True),),
        ),
        CommandForm(
            "reset",
            N_("Restart the station"),
            "power",
            N_("“When idle” lets running transactions end first. “At once” interrupts them."),
            N_("Restart"),
            _reset,
            (
                Field(
                    "kind",
                    N_("When"),
                    "choice",
                    options=(("OnIdle", N_("When idle")), ("Immediate", N_("At once"))),
                ),
                WHOLE_OR_EVSE,
            ),
            dangerous=True,
        ),
        CommandForm(
            "availability",
            N_("Change availability"),
            "plug-off",
            N_(
                "Takes an EVSE or the whole station out of service, or back. A running transaction ends first."
            ),
            N_("Change"),
            _availability,
            (
                Field(
                    "operative",
                    N_("Change to"),
                    "choice",
                    options=(("yes", N_("In service")), ("no", N_("Out of service"))),
                ),
                WHOLE_OR_EVSE,
            ),
        ),
        CommandForm(
            "trigger",
            N_("Ask for a message"),
            "message",
            N_("The station sends this message now instead of when it is due."),
            N_("Ask"),
            _trigger,
            (
                Field(
                    "message",
                    N_("Message"),
                    "choice",
                    options=tuple((name, name) for name in MESSAGES),
                ),
                WHOLE_OR_EVSE,
                Field("custom", N_("The maker's word, for a CustomTrigger")),
            ),
        ),
        CommandForm(
            "clear-cache",
            N_("Clear the token cache"),
            "trash",
            N_("The station forgets which tokens it has seen and asks again for each."),
            N_("Clear"),
            _clear_cache,
            dangerous=True,
        ),
        CommandForm(
            "data-transfer",
            N_("Data transfer"),
            "send",
            N_("A message of the maker's own, as its manual describes it."),
            N_("Send"),
            _data_transfer,
            (
                Field("vendor", N_("Vendor id"), required=True),
                Field("message", N_("Message id")),
                Field(
                    "data", N_("Data"), "json", N_("JSON or plain text; 1.6 stations take text.")
                ),
            ),
        ),
        CommandForm(
            "call",
            N_("Raw call"),
            "terminal-2",
            N_(
                "Any action of the station's OCPP version with any payload, exactly as written here."
            ),
            N_("Send"),
            fields=(
                Field("action", N_("Action"), hint="GetLocalListVersion", required=True),
                Field("payload", N_("Payload"), "json", N_("A JSON object.")),
                Field(
                    "unchecked",
                    N_("Send it unchecked"),
                    "check",
                    N_("Even if it breaks the standard."),
                ),
            ),
            dangerous=True,
        ),
    )
}
