"""What an operator asks of a station, and what came of it. Imperatives; dialects turn them into wire messages."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

import msgspec

from releve.domain.charging_profile import ChargingProfile
from releve.domain.token import IdToken


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Something asked of a station. Those of a functional block stand in the domain file of that block."""

    while_pending: ClassVar[bool] = False
    """May be sent while the station's boot is Pending: configuring, not operating (B02.FR.01, B02.FR.03; 1.6 4.2)."""
    expects: ClassVar[tuple[str, ...]] = ()
    """Actions that the station sends because of it: let through while the boot is Pending (B02.FR.09)."""


class RequestStart(Command, frozen=True, kw_only=True):
    """Start a transaction from afar (F01). remote_start_id correlates; 1.6 has none on the wire."""

    token: IdToken
    evse: int | None = None
    remote_start_id: int
    group: str | None = None
    profile: ChargingProfile | None = None  # F01.FR.08, F02.FR.16
    """A TxProfile for the transaction (K05.FR.01, K05.FR.02)."""


class RequestStop(Command, frozen=True, kw_only=True):
    """Stop the transaction that the station calls `reference` (F03)."""

    reference: str


class ResetKind(StrEnum):
    """2.1 ResetEnumType; 1.6 knows Hard (IMMEDIATE) and Soft (ON_IDLE)."""

    IMMEDIATE = "Immediate"
    ON_IDLE = "OnIdle"
    RESUME = "ImmediateAndResume"
    """2.1: at once, and running transactions go on afterwards (B13)."""


class Reset(Command, frozen=True, kw_only=True):
    kind: ResetKind = ResetKind.ON_IDLE
    evse: int | None = None


class UnlockConnector(Command, frozen=True, kw_only=True):
    evse: int
    connector: int = 1


class TriggerMessage(Command, frozen=True, kw_only=True):
    """Ask the station to send a message now. message: 2.1 MessageTriggerEnumType word.

    custom: for the message CustomTrigger, the maker's own word for it (2.1). extended: by ExtendedTriggerMessage of the
    1.6 security extension, whose answer and words differ a little.
    """

    while_pending: ClassVar[bool] = True

    message: str
    evse: int | None = None
    connector: int | None = None
    custom: str | None = None
    extended: bool = False


class ChangeAvailability(Command, frozen=True, kw_only=True):
    """evse 0 or None: the whole station."""

    operative: bool
    evse: int | None = None
    connector: int | None = None


class VariableName(msgspec.Struct, frozen=True, kw_only=True, order=True, omit_defaults=True):
    """A variable of the device model. A 1.6 configuration key is component "" and variable = key."""

    component: str = ""
    variable: str
    instance: str = ""
    component_instance: str = ""
    evse: int | None = None
    connector: int | None = None
    attribute: str = "Actual"


class GetVariables(Command, frozen=True, kw_only=True):
    """names empty: all that the station has (1.6 GetConfiguration without keys; 2.x GetBaseReport FullInventory)."""

    while_pending: ClassVar[bool] = True
    expects: ClassVar[tuple[str, ...]] = ("NotifyReport",)

    names: tuple[VariableName, ...] = ()
    request_id: int = 0
    """Correlates the parts of a report that comes later (2.x NotifyReport) with this command."""


class SetVariables(Command, frozen=True, kw_only=True):
    while_pending: ClassVar[bool] = True

    values: tuple[tuple[VariableName, str], ...]
    password: bool = False
    """It may write a station's password: said by the one service that does so without lock-out."""
    checked: bool = True
    """Not sent when the station is known not to take a value."""


class DataTransfer(Command, frozen=True, kw_only=True):
    """data: a text in 1.6, any JSON value in 2.x."""

    vendor: str
    message: str | None = None
    data: Any = None


class ClearCache(Command, frozen=True, kw_only=True):
    """Clear the station's authorisation cache (C11)."""


class VariableResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a station answered for one variable. status: Accepted, Rejected, UnknownVariable, RebootRequired, ..."""

    name: VariableName
    status: str
    value: str | None = None
    read_only: bool | None = None
    reason: str = ""
    data_type: str = ""
    unit: str = ""
    values_list: str = ""
    """Of configuration keys whose kind the standard tells (1.6)."""


class Result(StrEnum):
    """The distinct ways in which a call to a station can end."""

    ANSWERED = "answered"
    """The station sent a CALLRESULT; `status` has its word."""
    ERROR = "error"
    """The station sent a CALLERROR; `code`, `description`, `details` are its own."""
    MALFORMED = "malformed"
    """The station's answer could not be read; `description` says why."""
    TIMEOUT = "timeout"
    OFFLINE = "offline"
    """Not connected, or the connection ended before the answer."""
    BUSY = "busy"
    """Too many calls wait for this station already."""
    UNSUPPORTED = "unsupported"
    """The station's OCPP version has no such message."""
    NOT_ALLOWED = "not-allowed"
    """The station's registration does not permit it now (Pending, Rejected)."""
    INVALID = "invalid"
    """The request itself breaks the standard; nothing was sent. `description` says what."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a call or command ended."""

    result: Result
    status: str | None = None
    """The station's status word: Accepted, Rejected, Scheduled, ..."""
    accepted: bool = False
    """Whether the station said that it will do it (Accepted, Scheduled, Unlocked, RebootRequired)."""
    complete: bool = False
    """The answer is all that comes: nothing follows that an operation would wait for."""
    payload: Any = None
    """The response as JSON value, wire names."""
    variables: tuple[VariableResult, ...] = ()
    told: Any = None
    """What the answer says beside its status, in domain words; which ones, its command says."""
    code: str = ""
    description: str = ""
    details: Any = None
    duration_ms: float | None = None
