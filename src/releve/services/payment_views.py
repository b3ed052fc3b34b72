"""Payments and settlements as lists show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from releve.domain.ids import OperatorId
from releve.services.page import Page, View


class PaymentView(View, frozen=True, kw_only=True):
    """Amounts are decimal text, in `currency`."""

    id: str
    station: str
    identity: str
    evse: int | None = None
    channel: str
    state: str
    psp_ref: str
    amount: str | None = None
    currency: str = ""
    limit_wh: str | None = None
    limit_s: int | None = None
    limit_cost: str | None = None
    remote_start_id: int | None = None
    transaction: str | None = None
    cost: str | None = None
    problem: str = ""
    created_at: datetime
    updated_at: datetime


class SettlementView(View, frozen=True, kw_only=True):
    """by: station (its terminal), csms (with the provider), prepaid (from a token's credit)."""

    id: str
    station: str
    identity: str
    transaction: str | None = None
    reference: str = ""
    psp_ref: str
    status: str
    by: str
    amount: str
    currency: str = ""
    settled_at: datetime
    received_at: datetime
    info: str = ""
    receipt_id: str = ""
    receipt_url: str = ""
    receipt_key: str = ""
    vat_number: str = ""
    vat_company: dict[str, Any] = {}


class PaymentFilter(View, frozen=True, kw_only=True):
    station: str | None = None
    state: str | None = None


class SettlementFilter(View, frozen=True, kw_only=True):
    station: str | None = None
    transaction: str | None = None
    status: str | None = None


class PaymentReads(Protocol):
    """The part of the catalogue that is about money. station, transaction: row ids."""

    async def payments(
        self,
        operator: OperatorId,
        filter: PaymentFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[PaymentView]: ...
    async def payment(self, operator: OperatorId, payment: str) -> PaymentView | None: ...
    async def settlements(
        self,
        operator: OperatorId,
        filter: SettlementFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[SettlementView]: ...
