"""What tests of dialects need: services that note what they were asked, and the official schemas."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, get_type_hints
from unittest.mock import create_autospec

import msgspec

from releve.dialects import DIALECTS
from releve.domain.certificates import CertificateStatus, ContractStatus
from releve.domain.charging_needs import NeedsAnswer
from releve.domain.charging_profile import ScheduleUpdate
from releve.domain.commands import Outcome
from releve.domain.ids import DEFAULT_OPERATOR, StationId, TransactionId
from releve.domain.station import BootDecision, Station
from releve.domain.token import Judgement, Verdict
from releve.domain.transaction import Transaction
from releve.ocpp import codec
from releve.ocpp.version import Version
from releve.services.contracts import ContractJudgement
from releve.services.data_transfer import TransferAnswer
from releve.services.ev_certificates import CarResponse
from releve.services.live import Inbound, LiveStation
from releve.services.offers import Offer
from releve.services.provisioning import BootAnswer
from releve.services.revocation import NoAnswer, StatusAnswer
from releve.services.services import Services
from releve.services.settlements import Receipt
from releve.services.transaction_report import Answer
from releve.services.transactions import Begun
from releve.services.vat_numbers import VatAnswer
from tests.support.official import validator

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PACKAGES = {Version.V16: "v16", Version.V201: "v201", Version.V21: "v21"}
TWO = (Version.V201, Version.V21)
HANDLERS_USE = frozenset(
    {
        "authorization",
        "availability",
        "contracts",
        "costs",
        "charging_limits",
        "charging_needs",
        "certificates",
        "data_transfer",
        "dynamic_profiles",
        "device_model",
        "ev_certificates",
        "customers",
        "firmware",
        "logs",
        "batteries",
        "der",
        "displays",
        "metering",
        "offers",
        "monitors",
        "operations",
        "provisioning",
        "publishing",
        "reports",
        "reservations",
        "revocations",
        "station_events",
        "streams",
        "smart_charging",
        "security",
        "settlements",
        "transactions",
        "vat_numbers",
    }
)
STATION = Station(id=StationId(7), operator=DEFAULT_OPERATOR, identity="CS-7", created_at=NOW)


def live_station() -> LiveStation:
    return LiveStation(STATION)


def transaction(reference: str = "4711") -> Transaction:
    return Transaction(
        id=TransactionId(1),
        operator=DEFAULT_OPERATOR,
        station=STATION.id,
        reference=reference,
        received_at=NOW,
    )


def noting_services(judgement: Judgement | None = None) -> Services:
    """Services whose methods only note their calls, with the signatures of the real ones.

    Those that no handler may touch are None.
    """
    kinds = get_type_hints(Services)
    made: dict[str, Any] = {
        field.name: _noting(kinds[field.name]) if field.name in HANDLERS_USE else None
        for field in fields(Services)
    }
    judgement = judgement or Judgement(Verdict.ACCEPTED)
    transactions = made["transactions"]
    transactions.report.side_effect = lambda _, report: (
        Answer(judgement=judgement) if report.token else None
    )
    transactions.begin.return_value = Begun(transaction=transaction(), judgement=judgement)
    transactions.finish.side_effect = lambda _, finish: judgement if finish.token else None
    made["costs"].answer.return_value = None
    made["offers"].at_authorization.return_value = Offer()
    made["authorization"].authorize.return_value = judgement
    made["contracts"].authorize.return_value = ContractJudgement(
        judgement=Judgement(Verdict.INVALID), certificate=ContractStatus.CHAIN_ERROR
    )
    made["revocations"].relay.return_value = NoAnswer("nobody answered")
    made["revocations"].chain.side_effect = lambda inbound, questions: [
        StatusAnswer(question=q, status=CertificateStatus.FAILED, next_update=inbound.at)
        for q in questions
    ]
    made["ev_certificates"].obtain.return_value = CarResponse(exi="AAAA", remaining=None)
    made["provisioning"].boot.return_value = BootAnswer(
        decision=BootDecision.ACCEPTED, at=NOW, interval_s=300
    )
    made["provisioning"].heartbeat.return_value = NOW
    made["streams"].opened.return_value = ""
    made["charging_needs"].told.return_value = NeedsAnswer.ACCEPTED
    made["charging_needs"].planned.return_value = True
    made["dynamic_profiles"].pulled.return_value = ScheduleUpdate(limit=Decimal(16))
    made["certificates"].sign.return_value = True
    made["settlements"].told.return_value = Receipt()
    made["vat_numbers"].validate.return_value = VatAnswer(valid=True)
    made["data_transfer"].received.return_value = TransferAnswer(status="UnknownVendorId")
    return Services(**made)


@cache
def _specified(kind: type) -> Any:
    return create_autospec(kind, instance=True)


def _noting(kind: type) -> Any:
    """A service that notes its calls; one of each kind, wiped, because making them is slow."""
    if is_dataclass(kind):  # a block's services in one bundle
        hints = get_type_hints(kind)
        return kind(**{part.name: _noting(hints[part.name]) for part in fields(kind)})
    service = _specified(kind)
    service.reset_mock(return_value=True, side_effect=True)
    return service


async def answer(
    version: Version, action: str, payload: dict[str, Any] | bytes, services: Services
) -> dict[str, Any] | None:
    """Let a version's handler answer a payload; the answer has met its official schema."""
    raw = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    request = codec.decode_request(version, action, raw)
    handler = DIALECTS[version].handler(action)
    assert handler is not None, f"{version} has no handler for {action}"
    inbound = Inbound(live_station(), NOW, action, "1", raw)
    response = await handler(request, inbound, services)
    return None if response is None else sent(version, response, f"{action}Response")


def asked(version: Version, command: Any) -> tuple[str, dict[str, Any]]:
    """Action and payload of the request that a command becomes; it has met its official schema."""
    request = DIALECTS[version].ask(command, live_station())
    return request.action, sent(version, request.request, f"{request.action}Request")


def heard(version: Version, command: Any, payload: dict[str, Any]) -> Outcome:
    """What a station's response to a command amounts to."""
    request = DIALECTS[version].ask(command, live_station())
    return request.hear(
        codec.decode_response(version, request.action, msgspec.json.encode(payload))
    )


def sent(version: Version, message: Any, name: str) -> dict[str, Any]:
    """A message as it goes out: checked by our codec, and by the official schema."""
    data = codec.encode_checked(message)
    payload: dict[str, Any] = msgspec.json.decode(data)
    validator(PACKAGES[version], name).validate(payload)
    return payload
