"""People and API keys."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.ids import ApiKeyId
from releve.services.access import ROLES, SCOPES
from releve.services.errors import NotFound, RequestError
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit


@get("/access", opt=ADMIN)
async def access(visit: Asked) -> Response[Any]:
    """Users and keys."""
    return await _page(visit, Form({"role": "operator", "scope": "read"}))


@post("/access/users", opt=ADMIN)
async def add_user(visit: Asked) -> Response[Any]:
    """Add a person; the generated password is shown once."""
    form = await visit.form()
    try:
        user, password = await visit.desk.services.access.add_user(
            visit.principal.operator,
            form.required("name"),
            role=form.choice("role", tuple(ROLES)),
        )
    except RequestError as refused:
        return await _page(visit, form, refused, "user")
    return await _page(visit, Form(), made=("user", user.name, password))


@post("/access/users/password", opt=ADMIN, status_code=200)
async def reset_password(visit: Asked) -> Response[Any]:
    """Give a person a new password, shown once."""
    name = (await visit.form()).required("name")
    password = await visit.desk.services.access.set_password(visit.principal.operator, name)
    return await _page(visit, Form(), made=("password", name, password))


@post("/access/users/remove", opt=ADMIN)
async def remove_user(visit: Asked) -> Response[Any]:
    """Remove a person; the last administrator stays."""
    name = (await visit.form()).required("name")
    try:
        await visit.desk.services.access.remove_user(visit.principal.operator, name)
    except NotFound:
        raise
    except RequestError as refused:
        return await _page(visit, Form(), refused, "users")
    return Redirect("/access", status_code=303)


@post("/access/keys", opt=ADMIN)
async def add_key(visit: Asked) -> Response[Any]:
    """Make a key; its secret is shown once. A scope includes those before it."""
    form = await visit.form()
    try:
        scope = form.choice("scope", SCOPES)
        key, secret = await visit.desk.services.access.add_key(
            visit.principal.operator,
            form.required("name"),
            SCOPES[: SCOPES.index(scope) + 1],
        )
    except RequestError as refused:
        return await _page(visit, form, refused, "key")
    return await _page(visit, Form(), made=("key", key.name, secret))


@post("/access/keys/{key_id:str}/revoke", opt=ADMIN)
async def revoke_key(visit: Asked, key_id: FromPath[str]) -> Response[Any]:
    """Revoke a key at once."""
    if not key_id.isdecimal():
        raise NotFound(N_("There is no such API key."))
    await visit.desk.services.access.remove_key(visit.principal.operator, ApiKeyId(int(key_id)))
    return Redirect("/access", status_code=303)


async def _page(
    visit: Visit,
    form: Form,
    refused: RequestError | None = None,
    where: str = "",
    made: tuple[str, str, str] | None = None,
) -> Response[Any]:
    services, operator = visit.desk.services.access, visit.principal.operator
    said = (refused.field or where, visit.refusal(refused)) if refused else None
    return await visit.page(
        "access/page.html",
        status=422 if refused else 200,
        users=await services.users(operator),
        keys=await services.keys(operator),
        roles=tuple(ROLES),
        scopes=SCOPES,
        form=form,
        where=where,
        refused=said,
        made=made,
    )


ROUTES = (access, add_user, reset_password, remove_user, add_key, revoke_key)
