"""Keys of rows, as distinct types: what they name cannot be mixed up without a type error.

Row ids are positive 63-bit integers made by the application (`services.ports.Ids`), so that rows can be written in bulk
without asking the database for keys. They grow with time. Interfaces to the outside show them as decimal strings,
because JavaScript has only 53 bits.
"""

from __future__ import annotations

from typing import NewType

OperatorId = NewType("OperatorId", int)
StationId = NewType("StationId", int)
TransactionId = NewType("TransactionId", int)
TokenId = NewType("TokenId", int)
AnomalyId = NewType("AnomalyId", int)
OperationId = NewType("OperationId", int)
ReservationId = NewType("ReservationId", int)
CheckId = NewType("CheckId", int)
SecurityEventId = NewType("SecurityEventId", int)
UserId = NewType("UserId", int)
ApiKeyId = NewType("ApiKeyId", int)
PaymentId = NewType("PaymentId", int)
SettlementId = NewType("SettlementId", int)

DEFAULT_OPERATOR = OperatorId(1)
"""The one operator of a default install; it is never shown."""
