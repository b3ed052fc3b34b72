"""The tokens that may charge."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.ids import TokenId
from releve.services.errors import Invalid, NotFound, RequestError
from releve.services.tokens import TYPES
from releve.services.views import Page, TokenView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

PAGE = 50
LONGEST_SEARCH = 100


@get("/tokens")
async def tokens(visit: Asked) -> Response[Any]:
    """The list; only its part when htmx asks."""
    found = await _found(visit)
    if visit.partial:
        return visit.part("tokens/list.html", found=found)
    return await visit.page("tokens/page.html", found=found)


@get("/tokens/new", opt=ADMIN)
async def new(visit: Asked) -> Response[Any]:
    """The empty form."""
    return await _page(visit, Form({"type": "ISO14443"}))


@post("/tokens/new", opt=ADMIN)
async def add(visit: Asked) -> Response[Any]:
    """Register a token."""
    form = await visit.form()
    try:
        await visit.desk.services.tokens.add(
            visit.principal.operator,
            form.required("value"),
            type=form.choice("type", TYPES),
            **_values(visit, form),
        )
    except RequestError as refused:
        return await _page(visit, form, refused=refused)
    return Redirect("/tokens", status_code=303)


@get("/tokens/{token_id:str}", opt=ADMIN)
async def edit(visit: Asked, token_id: FromPath[str]) -> Response[Any]:
    """The form, filled."""
    token = await _token(visit, token_id)
    flags = {name: "yes" for name in ("blocked", "master", "concurrent") if getattr(token, name)}
    form = Form(
        {
            "label": token.label,
            "group": token.group or "",
            "expires_at": visit.fmt.field(token.expires_at),
            **flags,
        }
    )
    return await _page(visit, form, token)


@post("/tokens/{token_id:str}", opt=ADMIN)
async def change(visit: Asked, token_id: FromPath[str]) -> Response[Any]:
    """Save the form."""
    token = await _token(visit, token_id)
    form = await visit.form()
    try:
        await visit.desk.services.tokens.change(
            visit.principal.operator, TokenId(int(token.id)), **_values(visit, form)
        )
    except Invalid as refused:
        return await _page(visit, form, token, refused)
    return Redirect("/tokens", status_code=303)


@post("/tokens/{token_id:str}/block", opt=ADMIN, status_code=200)
async def block(visit: Asked, token_id: FromPath[str]) -> Response[Any]:
    """Block or unblock; the row as it is then."""
    token = await _token(visit, token_id)
    form = await visit.form()
    blocked = form.choice("blocked", ("yes", "no")) == "yes"
    await visit.desk.services.tokens.change(
        visit.principal.operator, TokenId(int(token.id)), blocked=blocked
    )
    return visit.part("tokens/row.html", token=await _token(visit, token_id))


@post("/tokens/{token_id:str}/remove", opt=ADMIN)
async def remove(visit: Asked, token_id: FromPath[str]) -> Response[Any]:
    """Forget a token."""
    token = await _token(visit, token_id)
    await visit.desk.services.tokens.remove(visit.principal.operator, TokenId(int(token.id)))
    return Redirect("/tokens", status_code=303)


def _values(visit: Visit, form: Form) -> dict[str, Any]:
    try:
        expires_at = visit.fmt.read(form.text("expires_at"))
    except ValueError:
        raise Invalid(N_("This is not a date and time."), field="expires_at") from None
    return {
        "label": form.text("label"),
        "group": form.text("group") or None,
        "expires_at": expires_at,
        "blocked": form.flag("blocked"),
        "master": form.flag("master"),
        "concurrent": form.flag("concurrent"),
    }


async def _token(visit: Visit, token: str) -> TokenView:
    found = await visit.desk.catalogue.token(visit.principal.operator, token)
    if found is None:
        raise NotFound(N_("There is no such token."))
    return found


async def _found(visit: Visit) -> Page[TokenView]:
    operator, after = visit.principal.operator, visit.query.get("after") or None
    search = visit.query.get("search", "").strip()[:LONGEST_SEARCH]
    try:
        return await visit.desk.catalogue.tokens(operator, search=search, after=after, limit=PAGE)
    except ValueError:
        return await visit.desk.catalogue.tokens(operator, search=search, limit=PAGE)


async def _page(
    visit: Visit,
    form: Form,
    token: TokenView | None = None,
    refused: RequestError | None = None,
) -> Response[Any]:
    return await visit.page(
        "tokens/form.html",
        status=422 if refused else 200,
        form=form,
        token=token,
        types=TYPES,
        refused=(refused.field, visit.refusal(refused)) if refused else None,
    )


ROUTES = (tokens, new, add, edit, change, block, remove)
