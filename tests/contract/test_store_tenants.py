"""One operator's work never shows or changes what is another's: tried with every method that there is."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, ClassVar

import msgspec
import pytest

from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import VariableName
from releve.domain.holding import Document, Holding
from releve.domain.ids import OperationId
from releve.domain.operation import Operation, OperationPart, OperationState
from releve.domain.station import Evse
from releve.domain.token import IdToken
from releve.domain.transaction import TransactionState
from releve.services import ports, views
from releve.services.ports import Conflict, StoreFailed, Variable
from releve.services.views import OperationFilter, StationFilter, Summary, TransactionFilter
from releve.storage.tables import metadata
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
            self.station.id, "r1", operator=TWO, token="THEIRS", evse=1, start_key="k"
        )
        self.ended = transaction(
            self.station.id, "r2", operator=TWO, evse=1, state=TransactionState.ENDED, ended_at=NOW
        )
        self.fact = fact(self.active)
        self.anomaly = anomaly(self.station.id, operator=TWO, transaction=self.active.id)
        self.general = anomaly(self.station.id, operator=TWO)
        self.variable = Variable(name=VariableName(variable="V"), value="1", reported_at=NOW)
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
            work.operations.add_part(self.part)
            work.holdings.save(self.station.id, Message(text="theirs"))
            work.documents.save(Note(text="theirs"))
            work.announce(changed(self.station))
        await store.roll_up(raw_days=90, pause_s=0)
        store.log(exchange(self.station.id, operator=TWO))
        async with store.work(TWO) as work:
            work.tokens.add(token("other", TWO))


@pytest.fixture
async def theirs(store):
    """The second operator's rows."""
    theirs = Theirs()
    await theirs.keep(store)
    return theirs


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
}
EVERYWHERE: dict[str, Read] = {
    "access.user_named": lambda w, t: w.access.user_named("theirs"),
    "access.sign_in": lambda w, t: w.access.sign_in("cookie"),
    "access.api_key": lambda w, t: w.access.api_key("theirs"),
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
    "variables.remove": lambda w, t: w.variables.remove(t.station.id, [t.variable.name]),
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
    "station_series": lambda c, t: c.station_series(
        ONE, str(t.station.id), since=NOW - timedelta(1)
    ),
    "tokens": lambda c, t: c.tokens(ONE),
    "token": lambda c, t: c.token(ONE, str(t.token.id)),
    "anomalies": lambda c, t: c.anomalies(ONE, resolved=None),
    "messages": lambda c, t: c.messages(ONE, str(t.station.id)),
    "message": _message,
    "variables": lambda c, t: c.variables(ONE, str(t.station.id)),
    "operations": lambda c, t: c.operations(ONE, OperationFilter()),
    "operation": lambda c, t: c.operation(ONE, str(t.operation.id)),
    "announced": lambda c, t: c.announced(ONE, after=0),
    "last_announced": lambda c, t: c.last_announced(ONE),
}


def public(protocol: type) -> set[str]:
    """Methods of a port."""
    return {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if name[0] != "_"}


def test_every_method_is_tried():
    """A method added to a port must be added here, with how it is kept within its operator."""
    repositories = {
        "stations": ports.Stations,
        "tokens": ports.Tokens,
        "transactions": ports.Transactions,
        "samples": ports.Samples,
        "anomalies": ports.Anomalies,
        "variables": ports.Variables,
        "operations": ports.OperationRows,
        "holdings": ports.Holdings,
        "documents": ports.Documents,
        "access": ports.Access,
    }
    methods = {f"{name}.{method}" for name, port in repositories.items() for method in public(port)}
    assert methods == READS.keys() | EVERYWHERE.keys() | WRITES.keys()
    assert public(views.Catalogue) == SHOWN.keys()


@pytest.mark.parametrize("name", READS)
async def test_a_read_finds_nothing(store, theirs, name):
    async with store.work(TWO) as work:
        assert await READS[name](work, theirs), "there is something to be found"
    async with store.work(ONE) as work:
        assert not await READS[name](work, theirs)


@pytest.mark.parametrize("name", EVERYWHERE)
async def test_who_is_asking_is_found_with_their_operator(store, theirs, name):
    async with store.work(ONE) as work:
        found = await EVERYWHERE[name](work, theirs)
    assert found.operator == TWO


@pytest.mark.parametrize("name", SHOWN)
async def test_the_catalogue_shows_nothing(store, theirs, name):
    shown = await SHOWN[name](store.catalogue, theirs)
    if isinstance(shown, views.Page):
        shown = shown.items
    assert not shown or shown == Summary()


async def rows(store: Any) -> dict[str, list[Any]]:
    """Every row of the second operator."""
    return {
        table.name: sorted(
            await store.backend.select(table.select().where(table.c.operator_id == TWO)), key=repr
        )
        for table in metadata.sorted_tables
        if "operator_id" in table.c
    }


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_changes_nothing(store, theirs, name):
    before = await rows(store)
    assert all(before[table] for table in before if table != "marks"), "a row in every table"
    try:
        async with store.work(ONE) as work:
            made = WRITES[name](work, theirs)
            if inspect.isawaitable(made):
                await made
    except (Conflict, StoreFailed):
        pass  # refused is as good as without effect
    assert await rows(store) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda w, t: w.stations.add(t.station),
        lambda w, t: w.tokens.save(t.token),
        lambda w, t: w.transactions.add_fact(t.fact),
        lambda w, t: w.anomalies.save(t.anomaly),
        lambda w, t: w.access.add_user(t.user),
        lambda w, t: w.announce(changed(t.station)),
    ],
)
async def test_a_value_of_another_operator_is_a_mistake(store, theirs, change):
    async def work_of_one():
        async with store.work(ONE) as work:
            change(work, theirs)

    with pytest.raises(ValueError, match="operator 2"):
        await work_of_one()


async def test_the_same_identity_and_token_at_two_operators(store, theirs):
    async with store.work(ONE) as work:
        work.stations.add(station("THEIRS"))
        work.tokens.add(token("THEIRS"))
    assert (await store.locate(None, "THEIRS")).operator == ONE
    assert (await store.locate("two", "theirs")).operator == TWO
    async with store.work(TWO) as work:
        assert await work.tokens.find(IdToken("theirs")) == theirs.token
    with pytest.raises(Conflict):
        await store.add_operator(3, "two")
