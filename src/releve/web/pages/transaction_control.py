"""What a person does about a transaction beside stopping it: limits, a text for the driver, asking how it stands."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.ids import TransactionId
from releve.domain.notice import Notice
from releve.services.errors import Invalid, RequestError
from releve.services.signed import signed_values, transparency_xml
from releve.services.views import TransactionView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.limit_form import limit_of
from releve.web.pages.station_commands import CONTROL
from releve.web.visit import Asked, Visit


@get("/transactions/{transaction_id:str}/limits", opt=CONTROL)
async def limits_dialog(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """What it shall be limited to."""
    return await _limits(visit, transaction_id, Form(visit.query))


@post("/transactions/{transaction_id:str}/limits", opt=CONTROL, status_code=200)
async def limit(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Set the limits; the page shows itself again."""
    found = await visit.transaction(transaction_id)
    form = await visit.form()
    try:
        await visit.desk.services.transaction_limits.require(
            visit.principal.operator, TransactionId(int(found.id)), limit_of(form)
        )
    except RequestError as refused:
        return await _limits(visit, transaction_id, form, (refused.field, visit.refusal(refused)))
    return Response("", status_code=200, headers={"hx-refresh": "true"})


@get("/transactions/{transaction_id:str}/message", opt=CONTROL)
async def message_dialog(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """What the driver shall read."""
    return await _message(visit, transaction_id, Form(visit.query))


@post("/transactions/{transaction_id:str}/message", opt=CONTROL, status_code=200)
async def message(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Keep the text for the next event; the page shows itself again."""
    found = await visit.transaction(transaction_id)
    form = await visit.form()
    try:
        content = form.required("content")
        if len(content) > 512:
            raise Invalid(N_("This is too long."), field="content")
        await visit.desk.services.transaction_limits.notice(
            visit.principal.operator, TransactionId(int(found.id)), Notice(content=content)
        )
    except RequestError as refused:
        return await _message(visit, transaction_id, form, (refused.field, visit.refusal(refused)))
    return Response("", status_code=200, headers={"hx-refresh": "true"})


@post("/transactions/{transaction_id:str}/check", opt=CONTROL, status_code=200)
async def check(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Ask the station how it stands, and show what came of it."""
    found = await visit.transaction(transaction_id)
    await visit.form()
    who = visit.principal
    await visit.desk.services.gaps.check(who.operator, TransactionId(int(found.id)), by=who.name)
    return visit.part(
        "transaction/checks.html", transaction=found, checks=await checks(visit, found)
    )


@get("/transactions/{transaction_id:str}/signed.xml")
async def signed(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Its signed meter values, as a file for transparency software."""
    found = await visit.transaction(transaction_id)
    name = f"transaction-{found.id}.xml"
    return Response(
        transparency_xml(found.reference, await values(visit, found)),
        media_type="application/xml",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def checks(visit: Visit, found: TransactionView) -> list[Any]:
    """What was asked about a transaction, newest first."""
    async with visit.desk.services.store.work(visit.principal.operator) as work:
        return list(await work.checks.of(TransactionId(int(found.id))))


async def values(visit: Visit, found: TransactionView) -> list[Any]:
    """Its signed readings."""
    samples = await visit.desk.catalogue.signed_series(visit.principal.operator, found.id)
    return list(signed_values(samples))


async def _limits(
    visit: Visit, transaction_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    return visit.part(
        "transaction/limits.html",
        status=422 if refused else 200,
        transaction=await visit.transaction(transaction_id),
        form=form,
        refused=refused,
    )


async def _message(
    visit: Visit, transaction_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    return visit.part(
        "transaction/message.html",
        status=422 if refused else 200,
        transaction=await visit.transaction(transaction_id),
        form=form,
        refused=refused,
    )


ROUTES = (limits_dialog, limit, message_dialog, message, check, signed)
