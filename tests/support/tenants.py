"""One of everything that an operator can have, and how each method of each port is asked for another's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import VariableName
from releve.domain.holding import Document, Holding
from releve.domain.ids import CheckId, OperationId, PaymentId, ReservationId, SettlementId
from releve.domain.limits import Limit, Limits
from releve.domain.operation import Operation, OperationPart, OperationState
from releve.domain.payment import (
    Channel,
    Payment,
    PaymentState,
    SettledBy,
    Settlement,
    SettlementStatus,
)
from releve.domain.reservation import Reservation
from releve.domain.station import Evse
from releve.domain.token import IdToken
from releve.domain.transaction import TransactionState
from releve.domain.transaction_check import Finding, TransactionCheck
from releve.services.payment_views import PaymentFilter, SettlementFilter
from releve.services.ports import Variable
from releve.services.reservation_views import ReservationFilter
from releve.services.views import OperationFilter, StationFilter, TransactionFilter
from tests.support import tenants_security, tenants_upkeep
from tests.support.stores import (
    NOW,
    ONE,
    TWO,
    anomaly,
    api_key,
    changed,
    exchange,
    fact,
    sample,
    sign_in,
    station,
    token,
    transaction,
    user,
)
from tests.support.tenants_security import TheirSecurity
from tests.support.tenants_upkeep import TheirUpkeep

LATER = NOW + timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=100)


class Message(Holding, frozen=True, kw_only=True):
    kind: ClassVar[str] = "message"
    text: str = ""

    @property
    def key(self) -> str:
        return "1"


class Note(Document, frozen=True, kw_only=True):
    kind: ClassVar[str] = "note"
    text: str = ""

    @property
    def key(self) -> str:
        return "1"


class Theirs:
    """What the second operator has: one of everything."""

    def __init__(self) -> None:
        self.station = station("THEIRS", TWO)
        self.token = token("THEIRS", TWO)
        self.active = transaction(
            self.station.id,
            "r1",
            operator=TWO,
            token="THEIRS",
            evse=1,
            start_key="k",
            limits=Limits(wanted=Limit(energy_wh=1000)),
        )
        self.presumed = transaction(
            self.station.id, "r3", operator=TWO, evse=2, state=TransactionState.PRESUMED_ENDED
        )
        self.ended = transaction(
            self.station.id, "r2", operator=TWO, evse=1, state=TransactionState.ENDED, ended_at=NOW
        )
        self.fact = fact(self.active)
        self.anomaly = anomaly(self.station.id, operator=TWO, transaction=self.active.id)
        self.general = anomaly(self.station.id, operator=TWO)
        name = VariableName(variable="V")
        self.variable = Variable(name=name, value="1", reboot_required=True, reported_at=NOW)
        self.user = user("theirs", TWO)
        self.sign_in = sign_in(self.user)
        self.key = api_key("theirs", TWO)
        self.operation = Operation(
            id=OperationId(77),
            operator=TWO,
            station=self.station.id,
            kind="report",
            request_id=7,
            created_at=NOW,
            updated_at=NOW,
            deadline_at=NOW,
        )
        self.reservation = Reservation(
            id=ReservationId(78),
            operator=TWO,
            station=self.station.id,
            number=5,
            token="THEIRS",
            expires_at=NOW,
            created_at=NOW,
        )
        self.check = TransactionCheck(
            id=CheckId(79),
            operator=TWO,
            station=self.station.id,
            transaction=self.active.id,
            at=NOW,
            finding=Finding.RUNNING,
        )
        self.payment = Payment(
            id=PaymentId(80),
            operator=TWO,
            station=self.station.id,
            channel=Channel.WEB,
            state=PaymentState.DUE,
            psp_ref="THEIRS",
            created_at=NOW,
            updated_at=NOW,
        )
        self.opened = msgspec.structs.replace(
            self.payment, id=PaymentId(82), state=PaymentState.OPENED, psp_ref="OPENED"
        )
        self.settlement = Settlement(
            id=SettlementId(81),
            operator=TWO,
            station=self.station.id,
            transaction=self.ended.id,
            psp_ref="THEIRS",
            status=SettlementStatus.SETTLED,
            by=SettledBy.STATION,
            amount=Decimal(5),
            settled_at=NOW,
            received_at=NOW,
            receipt_key="receipt",
        )
        self.security = TheirSecurity(TWO, self.station.id)
        self.upkeep = TheirUpkeep(TWO, self.station.id)
        self.part = OperationPart(
            operation=self.operation.id, operator=TWO, seq_no=0, received_at=NOW, content={"a": 1}
        )

    async def keep(self, store: Any) -> None:
        await store.add_operator(TWO, "two")
        async with store.work(TWO) as work:
            work.stations.add(self.station)
            work.stations.connected(self.station.id, 5, NOW, "peer", "ocpp1.6")
            work.stations.save_evse(self.station.id, Evse(evse=1))
            work.tokens.add(self.token)
            work.transactions.add(self.active)
            work.transactions.add(self.ended)
            work.transactions.add(self.presumed)
            work.transactions.add_fact(self.fact)
            work.samples.add(self.station.id, 1, self.active.id, sample(), NOW, 1)
            work.samples.add(self.station.id, 1, self.ended.id, sample(LONG_AGO), LONG_AGO, 1)
            work.anomalies.add(self.anomaly)
            work.anomalies.add(self.general)
            work.variables.save(self.station.id, [self.variable])
            work.access.add_user(self.user)
            work.access.add_sign_in(self.sign_in)
            work.access.add_api_key(self.key)
            work.operations.add(self.operation)
            work.reservations.add(self.reservation)
            work.checks.add(self.check)
            work.operations.add_part(self.part)
            work.payments.add(self.payment)
            work.payments.add(self.opened)
            work.payments.add_settlement(self.settlement)
            work.holdings.save(self.station.id, Message(text="theirs"))
            work.documents.save(Note(text="theirs"))
            self.security.keep(work)
            self.upkeep.keep(work)
            work.announce(changed(self.station))
        await store.roll_up(raw_days=90, pause_s=0)
        store.log(exchange(self.station.id, operator=TWO))
        async with store.work(TWO) as work:
            work.tokens.add(token("other", TWO))


async def _registers(work: Any, theirs: Theirs) -> list[Any]:
    """Of samples as they came, and of what they were rolled up to."""
    raw = await work.samples.registers(theirs.active.id)
    rolled = await work.samples.registers(theirs.ended.id)
    assert bool(raw) is bool(rolled)
    return [*raw, *rolled]


Read = Callable[[Any, Theirs], Awaitable[Any]]

# How each reading method is asked for what is not ours. Who is asking is found before the operator is known: those
# three methods look everywhere, and what they find names its operator.
READS: dict[str, Read] = {
    "stations.get": lambda w, t: w.stations.get(t.station.id),
    "stations.find": lambda w, t: w.stations.find("THEIRS"),
    "stations.evses": lambda w, t: w.stations.evses(t.station.id),
    "tokens.get": lambda w, t: w.tokens.get(t.token.id),
    "tokens.all": lambda w, t: w.tokens.all(),
    "payments.get": lambda w, t: w.payments.get(t.payment.id),
    "payments.find": lambda w, t: w.payments.find("THEIRS"),
    "payments.waiting": lambda w, t: w.payments.waiting(),
    "payments.due": lambda w, t: w.payments.due(),
    "payments.settlements_of": lambda w, t: w.payments.settlements_of(t.ended.id),
    "payments.settlements_for": lambda w, t: w.payments.settlements_for("THEIRS"),
    "payments.receipt": lambda w, t: w.payments.receipt("receipt"),
    "tokens.find": lambda w, t: w.tokens.find(IdToken("THEIRS")),
    "transactions.get": lambda w, t: w.transactions.get(t.active.id),
    "transactions.find": lambda w, t: w.transactions.find(t.station.id, "r1"),
    "transactions.find_start": lambda w, t: w.transactions.find_start(t.station.id, "k"),
    "transactions.live": lambda w, t: w.transactions.live(t.station.id),
    "transactions.active_with": lambda w, t: w.transactions.active_with(IdToken("THEIRS")),
    "transactions.last_ended": lambda w, t: w.transactions.last_ended(t.station.id, 1),
    "transactions.unfinished": lambda w, t: w.transactions.unfinished(LATER),
    "transactions.facts": lambda w, t: w.transactions.facts(t.active.id),
    "samples.registers": _registers,
    "anomalies.get": lambda w, t: w.anomalies.get(t.anomaly.id),
    "anomalies.open": lambda w, t: w.anomalies.open(t.station.id, AnomalyKind.METER_GAP, None),
    "anomalies.open_of": lambda w, t: w.anomalies.open_of(t.active.id),
    "variables.all": lambda w, t: w.variables.all(t.station.id),
    "variables.get": lambda w, t: w.variables.get(t.station.id, [t.variable.name]),
    "transactions.limited": lambda w, t: w.transactions.limited(),
    "transactions.presumed": lambda w, t: w.transactions.presumed(),
    "transactions.silent": lambda w, t: w.transactions.silent(LATER),
    "checks.of": lambda w, t: w.checks.of(t.active.id),
    "reservations.get": lambda w, t: w.reservations.get(t.reservation.id),
    "reservations.numbered": lambda w, t: w.reservations.numbered(t.station.id, 5),
    "reservations.open": lambda w, t: w.reservations.open(t.station.id),
    "reservations.due": lambda w, t: w.reservations.due(LATER),
    "operations.get": lambda w, t: w.operations.get(t.operation.id),
    "operations.requested": lambda w, t: w.operations.requested(t.station.id, 7),
    "operations.unfinished": lambda w, t: w.operations.unfinished(t.station.id, ()),
    "operations.overdue": lambda w, t: w.operations.overdue(LATER),
    "operations.parts": lambda w, t: w.operations.parts(t.operation.id),
    "holdings.all": lambda w, t: w.holdings.all(t.station.id, Message),
    "holdings.get": lambda w, t: w.holdings.get(t.station.id, Message, "1"),
    "holdings.of_all": lambda w, t: w.holdings.of_all(Message),
    "documents.all": lambda w, t: w.documents.all(Note),
    "documents.get": lambda w, t: w.documents.get(Note, "1"),
    "access.user": lambda w, t: w.access.user(t.user.id),
    "access.users": lambda w, t: w.access.users(),
    "access.api_keys": lambda w, t: w.access.api_keys(),
    **tenants_security.READS,
    **tenants_upkeep.READS,
}
EVERYWHERE: dict[str, Read] = {
    "access.user_named": lambda w, t: w.access.user_named("theirs"),
    "access.sign_in": lambda w, t: w.access.sign_in("cookie"),
    "access.api_key": lambda w, t: w.access.api_key("theirs"),
    **tenants_upkeep.EVERYWHERE,
}
Change = Callable[[Any, Theirs], Any]

# How each writing method is asked to change what is not ours.
WRITES: dict[str, Change] = {
    "stations.add": lambda w, t: w.stations.add(_ours(t.station)),
    "stations.save": lambda w, t: w.stations.save(_ours(t.station, name="stolen")),
    "stations.remove": lambda w, t: w.stations.remove(t.station.id),
    "stations.connected": lambda w, t: w.stations.connected(t.station.id, 6, LATER, "x", "ocpp2.1"),
    "stations.disconnected": lambda w, t: w.stations.disconnected(t.station.id, 5, LATER),
    "stations.heard": lambda w, t: w.stations.heard([(t.station.id, LATER)]),
    "stations.save_evse": lambda w, t: w.stations.save_evse(t.station.id, Evse(evse=1, error="x")),
    "tokens.add": lambda w, t: w.tokens.add(_ours(t.token)),
    "tokens.save": lambda w, t: w.tokens.save(_ours(t.token, blocked=True)),
    "tokens.remove": lambda w, t: w.tokens.remove(t.token.id),
    "payments.add": lambda w, t: w.payments.add(_ours(t.payment)),
    "payments.save": lambda w, t: w.payments.save(_ours(t.payment, state=PaymentState.SETTLED)),
    "payments.add_settlement": lambda w, t: w.payments.add_settlement(_ours(t.settlement)),
    "transactions.add": lambda w, t: w.transactions.add(_ours(t.active)),
    "transactions.save": lambda w, t: w.transactions.save(_ours(t.active, held=True)),
    "transactions.add_fact": lambda w, t: w.transactions.add_fact(_ours(t.fact, raw="{}")),
    "samples.add": lambda w, t: w.samples.add(
        t.station.id, 1, t.active.id, sample(NOW, 5.0), NOW, 2
    ),
    "anomalies.add": lambda w, t: w.anomalies.add(_ours(t.anomaly)),
    "anomalies.save": lambda w, t: w.anomalies.save(_ours(t.anomaly, resolved_at=NOW)),
    "variables.save": lambda w, t: w.variables.save(
        t.station.id, [msgspec.structs.replace(t.variable, value="2")]
    ),
    "variables.rebooted": lambda w, t: w.variables.rebooted(t.station.id),
    "variables.remove": lambda w, t: w.variables.remove(t.station.id, [t.variable.name]),
    "checks.add": lambda w, t: w.checks.add(_ours(t.check, finding=Finding.CLOSED)),
    "reservations.add": lambda w, t: w.reservations.add(_ours(t.reservation)),
    "reservations.save": lambda w, t: w.reservations.save(_ours(t.reservation, number=6)),
    "operations.add": lambda w, t: w.operations.add(_ours(t.operation)),
    "operations.save": lambda w, t: w.operations.save(
        _ours(t.operation, state=OperationState.DONE)
    ),
    "operations.answered": lambda w, t: w.operations.answered(
        _ours(t.operation, state=OperationState.FAILED)
    ),
    "operations.add_part": lambda w, t: w.operations.add_part(_ours(t.part, content={})),
    "holdings.save": lambda w, t: w.holdings.save(t.station.id, Message(text="x")),
    "holdings.remove": lambda w, t: w.holdings.remove(t.station.id, Message, "1"),
    "holdings.clear": lambda w, t: w.holdings.clear(t.station.id, Message),
    "documents.save": lambda w, t: w.documents.save(Note(text="x")),
    "documents.remove": lambda w, t: w.documents.remove(Note, "1"),
    "access.add_user": lambda w, t: w.access.add_user(_ours(t.user)),
    "access.save_user": lambda w, t: w.access.save_user(_ours(t.user, role="viewer")),
    "access.remove_user": lambda w, t: w.access.remove_user(t.user.id),
    "access.add_sign_in": lambda w, t: w.access.add_sign_in(_ours(t.sign_in, digest="forged")),
    "access.end_sign_in": lambda w, t: w.access.end_sign_in("cookie"),
    "access.end_sign_ins_of": lambda w, t: w.access.end_sign_ins_of(t.user.id),
    "access.add_api_key": lambda w, t: w.access.add_api_key(_ours(t.key)),
    "access.remove_api_key": lambda w, t: w.access.remove_api_key(t.key.id),
    **tenants_security.WRITES,
    **tenants_upkeep.WRITES,
}


def _ours(value: Any, **changes: Any) -> Any:
    """The other operator's value under our name: same ids."""
    return msgspec.structs.replace(value, operator=ONE, **changes)


async def _message(catalogue: Any, theirs: Theirs) -> Any:
    (line,) = (await catalogue.messages(TWO, str(theirs.station.id))).items
    assert await catalogue.message(TWO, line.id) == line
    return await catalogue.message(ONE, line.id)


SHOWN: dict[str, Read] = {
    "summary": lambda c, t: c.summary(ONE),
    "stations": lambda c, t: c.stations(ONE, StationFilter(quarantined=None)),
    "station": lambda c, t: c.station(ONE, "THEIRS"),
    "transactions": lambda c, t: c.transactions(ONE, TransactionFilter()),
    "transaction": lambda c, t: c.transaction(ONE, str(t.active.id)),
    "facts": lambda c, t: c.facts(ONE, str(t.active.id)),
    "series": lambda c, t: c.series(ONE, str(t.active.id)),
    "signed_series": lambda c, t: c.signed_series(ONE, str(t.active.id)),
    "station_series": lambda c, t: c.station_series(
        ONE, str(t.station.id), since=NOW - timedelta(1)
    ),
    "tokens": lambda c, t: c.tokens(ONE),
    "token": lambda c, t: c.token(ONE, str(t.token.id)),
    "anomalies": lambda c, t: c.anomalies(ONE, resolved=None),
    "messages": lambda c, t: c.messages(ONE, str(t.station.id)),
    "message": _message,
    "variables": lambda c, t: c.variables(ONE, str(t.station.id)),
    "reservations": lambda c, t: c.reservations(ONE, ReservationFilter()),
    "reservation": lambda c, t: c.reservation(ONE, str(t.reservation.id)),
    "operations": lambda c, t: c.operations(ONE, OperationFilter()),
    "operation": lambda c, t: c.operation(ONE, str(t.operation.id)),
    "payments": lambda c, t: c.payments(ONE, PaymentFilter()),
    "payment": lambda c, t: c.payment(ONE, str(t.payment.id)),
    "settlements": lambda c, t: c.settlements(ONE, SettlementFilter()),
    "announced": lambda c, t: c.announced(ONE, after=0),
    "last_announced": lambda c, t: c.last_announced(ONE),
    **tenants_security.SHOWN,
    **tenants_upkeep.SHOWN,
}
