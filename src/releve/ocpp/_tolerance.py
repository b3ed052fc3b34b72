"""Which deviations of stations are forgiven. A table with reasons; the walk itself is in `_reader`.

Every real station of the field notes deviates somewhere, and a refused transaction message may be dropped by
the station for good (1.6 section 3.7.1, 2.x E13), so:

- texts that are too long, lists that are too short or too long, values that no list knows, numbers written as
  texts: kept, and noted for the operator;
- in messages that are money, also: an optional member that makes no sense is dropped, an unreadable time
  becomes `UNREADABLE_TIME`, an unreadable sample is left out, and the stand-ins below;
- what decides how a message is understood (`DECISIVE`) is never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: A 1.6 transaction id that the station does not know, as stations that started offline write it.
UNKNOWN_TRANSACTION: Final = -1
#: A meter reading that is missing or makes no sense. Registers count from zero, so none can be this.
UNKNOWN_METER_WH: Final = -1

#: Actions whose loss loses money.
MONEY: Final = frozenset({"StartTransaction", "StopTransaction", "TransactionEvent", "MeterValues"})

#: Stands in for a required member that is null, absent or unreadable, by (type, wire name).
STAND_INS: Final[dict[tuple[str, str], int]] = {
    ("StopTransactionRequest", "transactionId"): UNKNOWN_TRANSACTION,
    ("StopTransactionRequest", "meterStop"): UNKNOWN_METER_WH,
}

#: Closed lists whose unknown values are refused: nothing sensible can be done with the message.
DECISIVE: Final = frozenset(
    {
        "TransactionEventEnum",  # started, updated or ended?
        "CertificateActionEnum",  # install or update a contract certificate?
        "CertificateSigningUseEnum",  # which certificate is to be signed?
        "UpdateEnum",  # differential or full: the two differ in what is deleted
        "UpdateType",
        "ResetType",  # a station must not guess how hard it is to reset
        "ResetEnum",
        "AvailabilityType",
        "OperationalStatusEnum",
    }
)

#: Datatypes that may be left out of their list when they cannot be read, in messages that are money.
EXPENDABLE: Final = frozenset({"MeterValue", "SampledValue"})


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much one reading forgives.

    `strict`: nothing. `generous`: what is unreadable is left out where possible, ranges do not matter.
    """

    strict: bool
    generous: bool


STRICT: Final = Tolerance(strict=True, generous=False)
USUAL: Final = Tolerance(strict=False, generous=False)
GENEROUS: Final = Tolerance(strict=False, generous=True)
