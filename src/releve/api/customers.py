"""What a station knows of a customer: to be told, to be forgotten."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from releve.api.commands import Patience
from releve.api.here import Asker, Key, Line, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.api.tokens import TokenType
from releve.domain.diagnostics import CertificateHash
from releve.domain.ids import OperationId
from releve.domain.token import IdToken
from releve.services.customers import WantedCustomer
from releve.services.views import OperationView

TAGS = ["Customers"]
ADMIN = {"scope": "admin", "pace": "gentle"}
Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]+$", max_length=128)]


class CertificateName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As the station names it (hashes in hexadecimal), by the algorithm that it was installed with."""

    hash_algorithm: Literal["SHA256", "SHA384", "SHA512"]
    issuer_name_hash: Hex
    issuer_key_hash: Hex
    serial_number: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]+$", max_length=40)]


class CustomerRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The customer, named in exactly one way; report: tell what is known; clear: forget it."""

    report: bool = True
    clear: bool = False
    token: Line = ""
    token_type: TokenType = "ISO14443"  # noqa: S105 - a type of tokens
    identifier: Line = ""
    certificate: CertificateName | None = None


class CustomerText(msgspec.Struct, frozen=True, kw_only=True):
    """text: what the station told, its parts put together; empty when it knows nothing."""

    operation: OperationView
    text: str


@post(
    "/stations/{station:str}/customer-information",
    operation_id="askForCustomer",
    summary="Report or clear a customer's data",
    tags=TAGS,
    opt=ADMIN,
)
async def ask_for_customer(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[CustomerRequest],
    timeout: Patience = None,
) -> OperationView:
    """What the station tells can be read under the operation for a few days, then it is gone."""
    named = data.certificate
    wanted = WantedCustomer(
        report=data.report,
        clear=data.clear,
        token=IdToken(data.token, data.token_type) if data.token else None,
        identifier=data.identifier,
        certificate=None
        if named is None
        else CertificateHash(
            algorithm=named.hash_algorithm,
            issuer_name_hash=named.issuer_name_hash,
            issuer_key_hash=named.issuer_key_hash,
            serial_number=named.serial_number,
        ),
    )
    found = await station_id(desk, asker, station)
    operation = await desk.services.customers.ask(
        asker.operator, found, wanted, by=asker.name, timeout=timeout
    )
    return await operation_view(desk, asker.operator, operation)


@get(
    "/customer-information/{operation:str}",
    operation_id="getCustomerText",
    summary="What the station told",
    tags=TAGS,
    opt={"scope": "admin"},
)
async def get_customer_text(desk: TheDesk, asker: Asker, operation: Key) -> CustomerText:
    """In one text."""
    view = await operation_view(desk, asker.operator, operation)
    text = await desk.services.customers.text(asker.operator, OperationId(int(view.id)))
    return CustomerText(operation=view, text=text)


ROUTES = (ask_for_customer, get_customer_text)
