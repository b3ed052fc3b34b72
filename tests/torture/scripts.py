"""What the stations say: generators of messages that are sent the answers. Deterministic by seed.

A script yields (action, payload) and gets the answer's payload; it writes into the book only what was answered. All its
times lie in the past half day, a second apart, so that none is implausible however long a run takes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.torture.book import Book, Charge

Script = Generator[tuple[str, dict[str, Any]], dict[str, Any], None]
TOKEN = "ADA"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_METER_VALUES = 12
EVSES = (1, 2)


class Meters:
    """The registers of a station's EVSEs, which only rise, and its clock, which ticks a second for each reading."""

    def __init__(self, random: Random, begin: datetime) -> None:
        self._random = random
        self._at = begin
        self._wh = {evse: float(random.randrange(1_000_000)) for evse in EVSES}

    def read(self, evse: int, *, charging: bool = True) -> tuple[str, float, int]:
        """The next reading: its time as text, the register in Wh, its time in microseconds."""
        self._at += timedelta(seconds=1)
        if charging:
            self._wh[evse] += self._random.randrange(1, 30)
        us = (self._at - EPOCH) // timedelta(microseconds=1)
        return self._at.isoformat(), self._wh[evse], us


def charges_16(book: Book, random: Random, meters: Meters, wanted: Callable[[], bool]) -> Script:
    """Transactions of OCPP 1.6, one after the other."""
    while wanted():
        connector = random.choice(EVSES)
        at, wh, us = meters.read(connector, charging=False)
        begun = yield (
            "StartTransaction",
            {"connectorId": connector, "idTag": TOKEN, "meterStart": int(wh), "timestamp": at},
        )
        _expect(book, "StartTransaction", begun["idTagInfo"]["status"], "Accepted")
        number = begun["transactionId"]
        charge = Charge(str(number), wh, us, events={("Started", -1)})
        book.charges.append(charge)
        for _ in range(random.randint(1, MOST_METER_VALUES)):
            at, wh, us = meters.read(connector)
            value = {"timestamp": at, "sampledValue": [{"value": str(wh), "unit": "Wh"}]}
            about = {"connectorId": connector, "transactionId": number, "meterValue": [value]}
            yield "MeterValues", about
            charge.samples.add((us, wh))
        at, wh, us = meters.read(connector)
        end = {"transactionId": number, "meterStop": int(wh), "timestamp": at, "reason": "Local"}
        yield "StopTransaction", end
        charge.events.add(("Ended", -1))
        charge.ended_wh = wh


def charges_201(book: Book, random: Random, meters: Meters, wanted: Callable[[], bool]) -> Script:
    """Transactions of OCPP 2.0.1, one after the other."""
    while wanted():
        evse = random.choice(EVSES)
        last = random.randint(2, MOST_METER_VALUES + 1)
        name = f"tx-{len(book.charges)}-{random.getrandbits(32):08x}"
        for number in range(last + 1):
            kind = {0: "Started", last: "Ended"}.get(number, "Updated")
            at, wh, us = meters.read(evse, charging=number > 0)
            answer = yield "TransactionEvent", _event(kind, number, name, evse, at, wh)
            if kind == "Started":
                status = answer.get("idTokenInfo", {}).get("status")
                _expect(book, "TransactionEvent", status, "Accepted")
                book.charges.append(Charge(name, wh, us))
            charge = book.charges[-1]
            charge.samples.add((us, wh))
            charge.events.add((kind, number))
        charge.ended_wh = wh


def _event(kind: str, number: int, name: str, evse: int, at: str, wh: float) -> dict[str, Any]:
    context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}
    trigger = {"Started": "Authorized", "Ended": "EVDeparted"}
    sampled = {"value": wh, "context": context.get(kind, "Sample.Periodic")}
    event = {
        "eventType": kind,
        "timestamp": at,
        "triggerReason": trigger.get(kind, "MeterValuePeriodic"),
        "seqNo": number,
        "transactionInfo": {"transactionId": name},
        "meterValue": [{"timestamp": at, "sampledValue": [sampled]}],
    }
    if kind == "Started":
        event["evse"] = {"id": evse, "connectorId": 1}
        event["idToken"] = {"idToken": TOKEN, "type": "ISO14443"}
    if kind == "Ended":
        event["transactionInfo"]["stoppedReason"] = "EVDisconnected"  # type: ignore[index]
    return event


def _expect(book: Book, action: str, found: object, wanted: object) -> None:
    if found != wanted:
        book.faults.append(f"{action} was answered {found!r}")
