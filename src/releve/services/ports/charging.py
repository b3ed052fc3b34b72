"""Repositories of a unit of work: reservations, and what was asked about transactions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from releve.domain.ids import ReservationId, StationId, TransactionId
from releve.domain.reservation import Reservation
from releve.domain.transaction_check import TransactionCheck


class ReservationRows(Protocol):
    async def get(self, reservation: ReservationId) -> Reservation | None: ...
    async def numbered(self, station: StationId, number: int) -> Reservation | None: ...

    """The open one of this number, else the latest: a replacement takes over the number of what it replaces."""

    async def open(self, station: StationId) -> list[Reservation]: ...  # oldest first
    async def due(self, before: datetime) -> list[Reservation]: ...  # open, expired before then
    def add(self, reservation: Reservation) -> None: ...
    def save(self, reservation: Reservation) -> None: ...  # all but id, operator and station


class Checks(Protocol):
    def add(self, check: TransactionCheck) -> None: ...
    async def of(self, transaction: TransactionId) -> list[TransactionCheck]: ...  # newest first
