"""Repositories of a unit of work: stations, tokens, transactions and what they measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from releve.domain.anomaly import Anomaly, AnomalyKind
from releve.domain.commands import VariableName
from releve.domain.ids import AnomalyId, StationId, TokenId, TransactionId
from releve.domain.ledger import Point
from releve.domain.meter import MeterSample
from releve.domain.station import Evse, Station
from releve.domain.token import IdToken, Token
from releve.domain.transaction import Transaction, TransactionFact
from releve.domain.variables import Variable


class Stations(Protocol):
    async def get(self, station: StationId) -> Station | None: ...
    async def find(
        self, identity: str
    ) -> Station | None: ...  # exact first, then ignoring case when just one matches
    def add(self, station: Station) -> None: ...  # Conflict at commit when the identity is taken
    def save(self, station: Station) -> None: ...  # an existing row, but for its security
    def save_security(
        self, station: Station
    ) -> None: ...  # profiles, credentials, certificate_name
    def remove(self, station: StationId) -> None: ...
    def connected(
        self, station: StationId, epoch: int, at: datetime, peer: str, version: str
    ) -> None: ...
    def disconnected(
        self, station: StationId, epoch: int, at: datetime
    ) -> None: ...  # not if another epoch
    def heard(self, seen: Sequence[tuple[StationId, datetime]]) -> None: ...  # last_heard_at, bulk
    async def evses(self, station: StationId) -> list[Evse]: ...
    def save_evse(
        self, station: StationId, evse: Evse
    ) -> None: ...  # upsert by (station, evse, connector)


class Tokens(Protocol):
    async def get(self, token: TokenId) -> Token | None: ...
    async def find(self, presented: IdToken) -> Token | None: ...

    """By casefolded value; by type too when several share the value. May be served from a cache that every change
    made through this port invalidates."""

    async def all(
        self, *, groups: Sequence[str] | None = None
    ) -> list[Token]: ...  # oldest first; groups: only members of one of these

    def add(self, token: Token) -> None: ...
    def save(self, token: Token) -> None: ...
    def remove(self, token: TokenId) -> None: ...


class Transactions(Protocol):
    async def get(self, transaction: TransactionId) -> Transaction | None: ...
    async def find(self, station: StationId, reference: str) -> Transaction | None: ...
    async def find_start(
        self, station: StationId, start_key: str
    ) -> Transaction | None: ...  # latest with that key
    async def live(self, station: StationId) -> list[Transaction]: ...

    """Active and presumed-ended ones, and those ended in the last day (at most 50), oldest first."""

    async def active_with(
        self, token: IdToken
    ) -> list[Transaction]: ...  # active, any station of the operator
    async def last_ended(self, station: StationId, evse: int) -> Transaction | None: ...
    async def unfinished(
        self, before: datetime
    ) -> list[Transaction]: ...  # ended but not complete, ended_at < before
    async def limited(self) -> list[Transaction]: ...  # not ended, with limits
    async def presumed(self) -> list[Transaction]: ...  # presumed ended, newest first
    async def silent(
        self, before: datetime
    ) -> list[Transaction]: ...  # active, no reading since, newest first
    def add(self, transaction: Transaction) -> None: ...
    def save(self, transaction: Transaction) -> None: ...

    """Replace the derived columns of an existing row. Several saves of one row in a batch collapse to the last."""

    async def facts(
        self, transaction: TransactionId
    ) -> list[TransactionFact]: ...  # by seq_no, then received_at
    def add_fact(
        self, fact: TransactionFact
    ) -> None: ...  # ignored when (transaction, seq_no, digest) exists


class Samples(Protocol):
    def add(
        self,
        station: StationId,
        evse: int,
        transaction: TransactionId | None,
        sample: MeterSample,
        received_at: datetime,
        digest: int,
    ) -> None: ...

    """Ignored when (station, evse, sample.at, digest) exists: a replay. digest: 63-bit hash of its readings."""

    async def registers(
        self, transaction: TransactionId
    ) -> list[Point]: ...  # energy_wh not None, by time


class Anomalies(Protocol):
    def add(self, anomaly: Anomaly) -> None: ...
    async def get(self, anomaly: AnomalyId) -> Anomaly | None: ...
    def save(self, anomaly: Anomaly) -> None: ...
    async def open(
        self, station: StationId, kind: AnomalyKind, transaction: TransactionId | None
    ) -> Anomaly | None: ...
    async def open_of(self, transaction: TransactionId) -> list[Anomaly]: ...


class Variables(Protocol):
    async def all(self, station: StationId) -> list[Variable]: ...
    async def get(self, station: StationId, names: Sequence[VariableName]) -> list[Variable]: ...
    def save(self, station: StationId, variables: Sequence[Variable]) -> None: ...  # upsert by name
    def remove(self, station: StationId, names: Sequence[VariableName]) -> None: ...
    def rebooted(self, station: StationId) -> None: ...  # none waits for a restart any more
    def tell(
        self, station: StationId, name: VariableName, value: str, at: datetime
    ) -> None: ...  # the value only; all else that is known of the variable stays
