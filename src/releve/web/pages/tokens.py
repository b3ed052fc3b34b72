"""The tokens that may charge."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.ids import TokenId
from releve.services.errors import Invalid, NotFound, RequestError
from releve.services.token_import import COLUMNS, TokenImport
from releve.services.tokens import TYPES
from releve.services.views import Page, TokenView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

PAGE = 50
FLAGS = ("blocked", "master", "concurrent")
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


@get("/tokens/import", opt=ADMIN)
async def import_form(visit: Asked) -> Response[Any]:
    """Where a file's lines are pasted."""
    return await visit.page(
        "tokens/import.html", form=Form(), columns=COLUMNS, done=None, refused=None
    )


@post("/tokens/import", opt=ADMIN, status_code=200)
async def import_lines(visit: Asked) -> Response[Any]:
    """Take in what was pasted; what cannot be taken is listed with its reason."""
    form = await visit.form()
    services = visit.desk.services
    done, refused = None, None
    try:
        done = await TokenImport(services.store, services.tokens).read(
            visit.principal.operator,
            form.text("lines", strip=False).splitlines(),
            update=form.flag("update"),
            dry=form.flag("dry"),
        )
    except RequestError as problem:
        refused = ("lines", visit.refusal(problem))
    return await visit.page(
        "tokens/import.html",
        status=422 if refused else 200,
        form=form,
        columns=COLUMNS,
        done=done,
        refused=refused,
    )


@get("/tokens/{token_id:str}", opt=ADMIN)
async def edit(visit: Asked, token_id: FromPath[str]) -> Response[Any]:
    """The form, filled."""
    token = await _token(visit, token_id)
    return await _page(visit, _form(visit, token), token)


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


def _form(visit: Visit, token: TokenView) -> Form:
    """A token as its form shows it."""
    numbers = {name: getattr(token, name) for name in ("priority", "cache_s", "credit")}
    return Form(
        {
            "label": token.label,
            "group": token.group or "",
            "not_before": visit.fmt.field(token.not_before),
            "expires_at": visit.fmt.field(token.expires_at),
            "places": "\n".join(token.places),
            "connector_types": "\n".join(token.connector_types),
            "language": token.language,
            "language2": token.language2,
            "message": token.message,
            "currency": token.currency,
            **{name: "" if value is None else str(value) for name, value in numbers.items()},
            **{name: "yes" for name in FLAGS if getattr(token, name)},
        }
    )


def _instant(visit: Visit, form: Form, name: str) -> Any:
    try:
        return visit.fmt.read(form.text(name))
    except ValueError:
        raise Invalid(N_("This is not a date and time."), field=name) from None


def _amount(form: Form) -> Decimal | None:
    text = form.text("credit").replace(",", ".")
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise Invalid(N_("This is not an amount."), field="credit") from None


def _values(visit: Visit, form: Form) -> dict[str, Any]:
    return {
        "label": form.text("label"),
        "group": form.text("group") or None,
        "not_before": _instant(visit, form, "not_before"),
        "expires_at": _instant(visit, form, "expires_at"),
        "places": form.text("places").splitlines(),
        "connector_types": form.text("connector_types").splitlines(),
        "language": form.text("language"),
        "language2": form.text("language2"),
        "message": form.text("message"),
        "priority": form.integer("priority", least=-9, most=9),
        "cache_s": form.integer("cache_s"),
        "credit": _amount(form),
        "currency": form.text("currency"),
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


ROUTES = (tokens, new, add, import_form, import_lines, edit, change, block, remove)
