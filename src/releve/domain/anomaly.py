"""What did not fit: kept, shown to the operator, resolved by a person; never guessed away."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from releve.domain.ids import AnomalyId, OperatorId, StationId, TransactionId


class AnomalyKind(StrEnum):
    """Each member's comment is the meaning that documentation and console show."""

    REPLAY_DIFFERS = "replay-differs"
    """A message repeated an earlier one's key with other content; the first one counts."""
    STOP_WITHOUT_START = "stop-without-start"
    """An end was reported for a transaction whose start never arrived."""
    STOP_WITHOUT_ID = "stop-without-id"
    """An end came with id -1 or 0 and was attached to the only transaction that fits."""
    STOP_UNMATCHED = "stop-unmatched"
    """An end came without a usable id and fits no transaction, or more than one."""
    START_WHILE_OPEN = "start-while-open"
    """A transaction began on an EVSE whose previous one never ended; that one is presumed ended."""
    END_AFTER_PRESUMED = "end-after-presumed"
    """The end of a transaction that was presumed ended did arrive."""
    METER_WENT_BACK = "meter-went-back"
    """A register fell within a transaction; its energy is held from billing."""
    METER_JUMP = "meter-jump"
    """More energy than the EVSE can deliver in the time; held from billing."""
    METER_GAP = "meter-gap"
    """A transaction starts at another register value than the previous one on this EVSE ended with."""
    METER_MISSING = "meter-missing"
    """A transaction ended without any register value to bill from."""
    CLOCK_IMPLAUSIBLE = "clock-implausible"
    """The station's time is before 2015 or more than a day ahead; the time of receipt counts."""
    CLOCK_SKEW = "clock-skew"
    """The station's clock differs from ours by more than the allowed skew."""
    EVENTS_MISSING = "events-missing"
    """Sequence numbers of a transaction's events have gaps that were not filled in time."""
    END_LOST = "end-lost"
    """The station says that it has ended and that nothing about it is left to tell; closed at its last reading."""
    FOREIGN_TRANSACTION = "foreign-transaction"
    """A station named a transaction that is not its own; no effect."""
    UNAUTHORIZED_ENERGY = "unauthorized-energy"
    """Energy was delivered for a token that is not accepted."""
    BENT_RULES = "bent-rules"
    """The station's messages break the standard in a way that was tolerated."""
    FLAPPING = "flapping"
    """Connections of this identity replace each other in quick succession."""
    CREDENTIALS_REFUSED = "credentials-refused"
    """Somebody knocked under this identity with a wrong password, or none."""
    CERTIFICATE_STATUS = "certificate-status"
    """Whether a certificate is revoked could not be found out: plug and charge fails here."""
    CERTIFICATE_EXPIRES = "certificate-expires"
    """A certificate in the station expires soon, or has: without a new one it trusts nobody."""
    CONTRACT_REFUSED = "contract-refused"
    """A car's contract certificate was refused here, whatever its number may be worth."""
    CONTRACT_NOT_INSTALLED = "contract-not-installed"
    """A car asked for a contract certificate here and got none."""
    COST_DIFFERS = "cost-differs"
    """The station reckoned another cost for a transaction than we did, or could not reckon it."""
    STATION_PROBLEM = "station-problem"
    """The station's own monitors report a problem; it is resolved when they say that it is over."""
    PAYMENT_NOT_SETTLED = "payment-not-settled"
    """A driver's payment could not be collected: the provider refused it, or could not be reached."""
    GUESSES = "guesses"
    """One unknown token after the other was shown here: somebody may be trying out numbers."""


class Anomaly(msgspec.Struct, frozen=True, kw_only=True):
    id: AnomalyId
    operator: OperatorId
    station: StationId
    transaction: TransactionId | None = None
    kind: AnomalyKind
    detail: dict[str, Any] = {}
    """Facts for the operator: what was expected, what came. JSON values only."""
    seen_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""
    note: str = ""
