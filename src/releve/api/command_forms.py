"""What is asked with a command, and how it ended: the bodies and results of `releve.api.commands`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from releve.api.charging_values import ProfileForm
from releve.api.here import Line
from releve.api.tokens import TokenType
from releve.domain.commands import Outcome, ResetKind, Result, VariableName, VariableResult
from releve.domain.limits import Limit

EvseNumber = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
AnyEvse = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]*$", min_length=1, max_length=255)]


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class LimitBody(_Body, frozen=True, kw_only=True):
    """energy_wh: Wh. time_s: seconds since the start. cost: in the tariff's currency. soc_pct: 0 to 100.

    Absent ones stay as they are. A limit cannot be taken away once it is set, only raised (E16.FR.17).
    """

    energy_wh: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None
    time_s: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None
    cost: Decimal | None = None
    soc_pct: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None

    def limit(self) -> Limit:
        """In the domain's words."""
        return Limit(**{f: getattr(self, f) for f in self.__struct_fields__})


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. Read `result` first; `accepted` says whether the station will do it.

    result: answered (a CALLRESULT: `status`, `payload`), error (a CALLERROR: `code`, `description`, `details`),
    malformed (an answer that cannot be read), timeout, offline, busy (too many calls wait for it), unsupported (its
    OCPP version has no such message), not-allowed (its registration does not permit it), invalid (the request breaks
    the standard and was not sent: `description`).
    """

    result: Result
    status: str | None = None
    accepted: bool = False
    payload: Any = None
    variables: list[VariableResult] = []
    code: str = ""
    description: str = ""
    details: Any = None
    duration_ms: float | None = None


class StartResult(CommandResult, frozen=True, kw_only=True):
    """remote_start_id: carried by the transaction that follows. transaction: the one that runs already, if the station
    says so: its cable was plugged in before.
    """

    remote_start_id: int
    transaction: str | None = None


class Start(_Body, frozen=True, kw_only=True):
    """token: whom to charge for; absent, a token is made for this start. evse: absent, the station chooses.

    group: who else may stop it; absent, the token's own group, "" nobody. limit: of the transaction that follows.
    """

    token: Name | None = None
    token_type: TokenType = "ISO14443"  # noqa: S105 - a type of tokens
    evse: EvseNumber | None = None
    group: Line | None = None
    limit: LimitBody | None = None
    profile: ProfileForm | None = None
    """A TxProfile for the transaction; Relative, without transaction_id."""


class ResetBody(_Body, frozen=True, kw_only=True):
    """kind: OnIdle waits for running transactions, Immediate does not; ImmediateAndResume has them go on (2.1).

    evse: only this one (2.x).
    """

    kind: ResetKind = ResetKind.ON_IDLE
    evse: EvseNumber | None = None


class Unlock(_Body, frozen=True, kw_only=True):
    evse: EvseNumber
    connector: EvseNumber = 1


class Trigger(_Body, frozen=True, kw_only=True):
    """message: a word of 2.1's MessageTriggerEnumType, such as StatusNotification or MeterValues.

    custom: with the message CustomTrigger, the maker's own word (2.1). extended: by ExtendedTriggerMessage of 1.6's
    security extension.
    """

    message: Name
    evse: EvseNumber | None = None
    connector: EvseNumber | None = None
    custom: Annotated[str, msgspec.Meta(min_length=1, max_length=50)] | None = None
    extended: bool = False


class Availability(_Body, frozen=True, kw_only=True):
    """evse absent or 0: the whole station."""

    operative: bool
    evse: AnyEvse | None = None
    connector: EvseNumber | None = None


class Transfer(_Body, frozen=True, kw_only=True):
    """data: a text for 1.6, any JSON value for 2.x."""

    vendor: Name
    message: Name | None = None
    data: Any = None


class VariablePlace(_Body, frozen=True, kw_only=True, omit_defaults=True):
    """A variable of the device model. A configuration key of 1.6: `variable` alone."""

    component: Line = ""
    variable: Name
    instance: Line = ""
    component_instance: Line = ""
    evse: AnyEvse | None = None
    connector: EvseNumber | None = None
    attribute: Literal["Actual", "Target", "MinSet", "MaxSet"] = "Actual"


class Reading(_Body, frozen=True, kw_only=True):
    """names: which variables; empty: all that the station has (2.x answers with reports that arrive later)."""

    names: Annotated[list[VariablePlace], msgspec.Meta(max_length=1000)] = []


class Value(VariablePlace, frozen=True, kw_only=True):
    """The variable and what it shall be; values are text."""

    value: Annotated[str, msgspec.Meta(pattern=r"^[^\x00]*$", max_length=2500)]


class Writing(_Body, frozen=True, kw_only=True):
    values: Annotated[list[Value], msgspec.Meta(min_length=1, max_length=1000)]


def result_of(outcome: Outcome) -> CommandResult:
    """As the API shows it: every field, always."""
    return CommandResult(**fields_of(outcome))


def fields_of(outcome: Outcome) -> dict[str, Any]:
    """The fields of a CommandResult."""
    told = msgspec.structs.asdict(outcome) | {"variables": list(outcome.variables)}
    return {name: told[name] for name in CommandResult.__struct_fields__}


def name_of(place: VariablePlace) -> VariableName:
    """The variable at a place."""
    return VariableName(**{f: getattr(place, f) for f in VariableName.__struct_fields__})
