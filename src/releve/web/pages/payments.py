"""What drivers pay without a contract, and what was settled."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.ids import PaymentId
from releve.services.errors import NotFound
from releve.services.payment_views import PaymentFilter, SettlementFilter
from releve.web.i18n import N_
from releve.web.visit import Asked

PAGE = 50
CONTROL = {"scope": "control"}


@get("/settlements")
async def settlements(visit: Asked) -> Response[Any]:
    """What was settled, newest first; only the part when htmx asks."""
    operator, after = visit.principal.operator, visit.query.get("after") or None
    wanted = SettlementFilter(status=visit.query.get("status") or None)
    found = await visit.desk.catalogue.settlements(operator, wanted, after=after, limit=PAGE)
    template = "payments/settlements.html" if visit.partial else "payments/page.html"
    answer = visit.part if visit.partial else visit.page
    made = answer(template, found=found, tab="settlements")
    return made if isinstance(made, Response) else await made


@get("/settlements/payments")
async def payments(visit: Asked) -> Response[Any]:
    """Payments under way and done, newest first."""
    operator, after = visit.principal.operator, visit.query.get("after") or None
    wanted = PaymentFilter(state=visit.query.get("state") or None)
    found = await visit.desk.catalogue.payments(operator, wanted, after=after, limit=PAGE)
    return await visit.page("payments/page.html", found=found, tab="payments")


@post("/settlements/payments/{payment_id:str}/settle", opt=CONTROL)
async def settle(visit: Asked, payment_id: FromPath[str]) -> Response[Any]:
    """Try again what the provider has refused."""
    found = await visit.desk.catalogue.payment(visit.principal.operator, payment_id)
    if found is None:
        raise NotFound(N_("There is no such payment."))
    await visit.desk.services.payments.again(visit.principal.operator, PaymentId(int(found.id)))
    return Redirect("/settlements/payments", status_code=303)


@post("/settlements/payments/{payment_id:str}/cancel", opt=CONTROL)
async def cancel(visit: Asked, payment_id: FromPath[str]) -> Response[Any]:
    """Give up one whose transaction has not begun; what was set aside is given back."""
    found = await visit.desk.catalogue.payment(visit.principal.operator, payment_id)
    if found is None:
        raise NotFound(N_("There is no such payment."))
    await visit.desk.services.payments.cancel(visit.principal.operator, PaymentId(int(found.id)))
    return Redirect("/settlements/payments", status_code=303)


ROUTES = (settlements, payments, settle, cancel)
