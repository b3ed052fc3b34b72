"""What is done about a transaction: limits, a text for its driver, the question how it stands, signed values."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody, QueryParameter

from releve.api.command_forms import CommandResult, LimitBody, fields_of
from releve.api.commands import ASKING, CONTROL, Patience
from releve.api.here import (
    Asker,
    Key,
    StationKey,
    TheDesk,
    station_id,
    the_transaction,
    transaction_id,
)
from releve.api.paging import Items
from releve.domain.ids import TokenId
from releve.domain.limits import Limit
from releve.domain.notice import Notice
from releve.domain.transaction_check import Finding, GetTransactionStatus, TransactionCheck
from releve.services.errors import NotFound
from releve.services.gaps import told
from releve.services.signed import SignedValue, signed_values, transparency_xml
from releve.services.views import TokenView, TransactionView

TAGS = ["Transactions"]
ADMIN = {"scope": "admin"}


class Translation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same text in another language."""

    language: Annotated[str, msgspec.Meta(min_length=2, max_length=8)]
    content: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """content: what the display shall say; 2.0.1 takes its first 512 characters. language: as in RFC 5646."""

    content: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    format: Literal["UTF8", "ASCII", "HTML", "URI", "QRCODE"] = "UTF8"
    language: Annotated[str, msgspec.Meta(min_length=2, max_length=8)] | None = None
    others: Annotated[list[Translation], msgspec.Meta(max_length=4)] = []


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """A question about a transaction and what was done: see `finding`.

    running (nothing is missing), waiting (the station still has messages), reopened (it was presumed ended and runs),
    closed (it has ended and its end was lost: closed at its last reading, held), lost (messages were lost for good:
    flagged), settled (all is known), failed (no usable answer: `description`).
    """

    id: str
    transaction: str
    at: datetime
    by: str = ""
    finding: Finding
    ongoing: bool | None = None
    queued: bool | None = None
    description: str = ""


class QueueResult(CommandResult, frozen=True, kw_only=True):
    """queued: whether the station has messages about transactions that it could not deliver yet."""

    queued: bool | None = None


@put(
    "/transactions/{transaction:str}/limits",
    operation_id="limitTransaction",
    summary="Limit a transaction",
    tags=TAGS,
    opt=CONTROL,
)
async def limit_transaction(
    desk: TheDesk, asker: Asker, transaction: Key, data: JSONBody[LimitBody]
) -> TransactionView:
    """The station learns it with the answer to its next event (2.1). What a station cannot keep itself, the system
    watches: it asks the station to stop once the limit is reached.
    """
    number = await transaction_id(desk, asker, transaction)
    await desk.services.transaction_limits.require(asker.operator, number, data.limit())
    return await the_transaction(desk, asker, transaction)


@put(
    "/tokens/{token:str}/limit",
    operation_id="limitToken",
    summary="Limit what a token may charge at once",
    tags=["Tokens"],
    opt=ADMIN,
)
async def limit_token(
    desk: TheDesk, asker: Asker, token: Key, data: JSONBody[LimitBody]
) -> TokenView:
    """Each transaction that begins with the token is limited so."""
    return await _limit_token(desk, asker, token, data.limit())


@delete(
    "/tokens/{token:str}/limit",
    operation_id="unlimitToken",
    summary="Limit a token no longer",
    tags=["Tokens"],
    opt=ADMIN,
)
async def unlimit_token(desk: TheDesk, asker: Asker, token: Key) -> None:
    """Transactions that run keep their limit."""
    await _limit_token(desk, asker, token, None)


async def _limit_token(desk: TheDesk, asker: Asker, token: str, limit: Limit | None) -> TokenView:
    found = await desk.catalogue.token(asker.operator, token)
    if found is None:
        raise NotFound("There is no such token.")
    await desk.services.transaction_limits.require_of_token(
        asker.operator, TokenId(int(found.id)), limit
    )
    changed = await desk.catalogue.token(asker.operator, token)
    assert changed is not None
    return changed


@post(
    "/transactions/{transaction:str}/message",
    operation_id="messageDriver",
    summary="Show the driver a text",
    tags=TAGS,
    opt=CONTROL,
    status_code=202,
)
async def message_driver(
    desk: TheDesk, asker: Asker, transaction: Key, data: JSONBody[Message]
) -> TransactionView:
    """The text goes out with the answer to the transaction's next event (2.x); it replaces one that still waits."""
    notice = Notice(
        content=data.content,
        format=data.format,
        language=data.language,
        others=tuple((other.language, other.content) for other in data.others),
    )
    number = await transaction_id(desk, asker, transaction)
    await desk.services.transaction_limits.notice(asker.operator, number, notice)
    return await the_transaction(desk, asker, transaction)


@post(
    "/transactions/{transaction:str}/check",
    operation_id="checkTransaction",
    summary="Ask the station how it stands",
    tags=TAGS,
    opt=ASKING,
    status_code=200,
)
async def check_transaction(
    desk: TheDesk, asker: Asker, transaction: Key, timeout: Patience = None
) -> CheckView:
    """GetTransactionStatus (2.x), and what its answer calls for: `finding` says what was done."""
    number = await transaction_id(desk, asker, transaction)
    return _check(
        await desk.services.gaps.check(asker.operator, number, by=asker.name, timeout=timeout)
    )


@get(
    "/transactions/{transaction:str}/checks",
    operation_id="listTransactionChecks",
    summary="What was asked about it",
    tags=TAGS,
)
async def list_checks(desk: TheDesk, asker: Asker, transaction: Key) -> Items[CheckView]:
    """Questions to the station about the transaction, newest first."""
    number = await transaction_id(desk, asker, transaction)
    async with desk.services.store.work(asker.operator) as work:
        return Items(items=[_check(check) for check in await work.checks.of(number)])


@post(
    "/stations/{station:str}/transaction-queue",
    operation_id="checkQueue",
    summary="Ask whether messages about transactions wait",
    tags=["Commands"],
    opt=ASKING,
    status_code=200,
)
async def check_queue(
    desk: TheDesk, asker: Asker, station: StationKey, timeout: Patience = None
) -> QueueResult:
    """GetTransactionStatus without a transaction (2.x)."""
    outcome = await desk.services.commands.perform(
        asker.operator,
        await station_id(desk, asker, station),
        GetTransactionStatus(),
        by=asker.name,
        timeout=timeout,
    )
    answered = outcome.payload is not None and not outcome.code
    return QueueResult(**fields_of(outcome), queued=told(outcome)[1] if answered else None)


@get(
    "/transactions/{transaction:str}/signed-values",
    operation_id="listSignedValues",
    summary="Its signed meter values",
    tags=TAGS,
)
async def list_signed_values(
    desk: TheDesk,
    asker: Asker,
    transaction: Key,
    format: Annotated[
        Literal["json", "xml"],
        QueryParameter(description="xml: a file for transparency software."),
    ] = "json",
) -> Response[Any]:
    """Signed readings by time, byte for byte as the station sent them."""
    found = await the_transaction(desk, asker, transaction)
    samples = await desk.catalogue.signed_series(asker.operator, found.id)
    values: list[SignedValue] = signed_values(samples)
    if format == "xml":
        name = f"transaction-{found.id}.xml"
        return Response(
            transparency_xml(found.reference, values),
            media_type="application/xml",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )
    return Response(Items(items=values))


def _check(check: TransactionCheck) -> CheckView:
    return CheckView(
        id=str(check.id),
        transaction=str(check.transaction),
        at=check.at,
        by=check.by,
        finding=check.finding,
        ongoing=check.ongoing,
        queued=check.queued,
        description=check.description,
    )


ROUTES = (
    limit_transaction,
    limit_token,
    unlimit_token,
    message_driver,
    check_transaction,
    list_checks,
    check_queue,
    list_signed_values,
)
