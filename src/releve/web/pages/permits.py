"""Who may discharge: permits of tokens and of everybody, and what a running transaction may do."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.ids import TransactionId
from releve.domain.v2x import EnergyTransfer, TransferPermit
from releve.services.errors import Invalid, NotFound, RequestError
from releve.web.forms import Form
from releve.web.grid_words import MODES
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, tokens_for
from releve.web.pages.station_der import answered
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

Refused = tuple[str, str] | None


@get("/permits")
async def permits(visit: Asked) -> Response[Any]:
    """All permits; what counts without one."""
    v2x, operator = visit.desk.services.v2x, visit.principal.operator
    found = await v2x.permits(operator)
    return await visit.page(
        "permits/page.html",
        own=sorted((p for p in found if p.token), key=lambda p: p.token.casefold()),
        everybody=await v2x.permit(operator),
        decided=any(not p.token for p in found),
        modes=MODES,
    )


@get("/permits/set", opt=ADMIN)
async def dialog(visit: Asked) -> Response[Any]:
    """The dialog; with `token`, what counts for it now, and with `everybody`, for those without a permit."""
    token = visit.query.get("token", "")
    known = await visit.desk.services.v2x.permit(visit.principal.operator, token)
    values = {"token": token, "decided": "no" if known.modes is None else "yes"}
    values |= {mode.value: "yes" for mode in known.modes or ()}
    return await _dialog(visit, Form(values), visit.query.get("everybody") == "yes")


@post("/permits/set", opt=ADMIN, status_code=200)
async def save(visit: Asked) -> Response[Any]:
    """Decide; the page shows itself again."""
    form = await visit.form()
    everybody = form.flag("everybody")
    try:
        token = "" if everybody else form.required("token")
        undecided = form.choice("decided", ("yes", "no")) == "no"
        permit = TransferPermit(token=token, modes=None if undecided else modes_of(form))
        await visit.desk.services.v2x.set_permit(visit.principal.operator, permit)
    except RequestError as refused:
        return await _dialog(visit, form, everybody, (refused.field, visit.refusal(refused)))
    return Response("", status_code=200, headers={"hx-refresh": "true"})


@post("/permits/remove", opt=ADMIN, status_code=200)
async def remove(visit: Asked) -> Response[Any]:
    """Forget a permit: what is for everybody counts again, and without that, charging only."""
    form = await visit.form()
    await visit.desk.services.v2x.remove_permit(visit.principal.operator, form.text("token"))
    return Response("", status_code=200, headers={"hx-refresh": "true"})


def modes_of(form: Form) -> tuple[EnergyTransfer, ...]:
    """The ways that are ticked; at least one."""
    chosen = tuple(mode for mode in EnergyTransfer if form.flag(mode.value))
    if not chosen:
        raise Invalid(N_("Tick at least one way."), field="modes")
    return chosen


async def _dialog(
    visit: Visit, form: Form, everybody: bool, refused: Refused = None
) -> Response[Any]:
    return visit.part(
        "permits/set.html",
        status=422 if refused else 200,
        form=form,
        everybody=everybody,
        modes=MODES,
        tokens=await tokens_for(visit),
        refused=refused,
    )


# --- a running transaction ------------------------------------------------------------------------------------------


@get("/transactions/{transaction_id:str}/transfer", opt=CONTROL)
async def ask_transfer(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """The dialog, with what it may do now."""
    found = await visit.transaction(transaction_id)
    v2x, operator = visit.desk.services.v2x, visit.principal.operator
    _, station = await visit.station(found.station)
    running = await v2x.running(operator, station)
    row = next((one for one in running if str(one.id) == found.id), None)
    if row is None:
        raise NotFound(N_("This transaction has ended already."))
    allowed = await v2x.allowed(operator, row)
    return await _transfer(visit, transaction_id, Form(dict.fromkeys(allowed or (), "yes")))


@post("/transactions/{transaction_id:str}/transfer", opt=CONTROL, status_code=200)
async def transfer(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Change it; the station renegotiates with the car."""
    found = await visit.transaction(transaction_id)
    form, who = await visit.form(), visit.principal
    try:
        outcome = await visit.desk.services.v2x.change(
            who.operator, TransactionId(int(found.id)), modes_of(form), by=who.name
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _transfer(visit, transaction_id, form, told)
    station, _ = await visit.station(found.station)
    return answered(visit, station, outcome, N_("What the transaction may do"))


async def _transfer(
    visit: Visit, transaction_id: str, form: Form, refused: Refused = None
) -> Response[Any]:
    return visit.part(
        "permits/transfer.html",
        status=422 if refused else 200,
        transaction=await visit.transaction(transaction_id),
        form=form,
        modes=MODES,
        refused=refused,
    )


ROUTES = (permits, dialog, save, remove, ask_transfer, transfer)
