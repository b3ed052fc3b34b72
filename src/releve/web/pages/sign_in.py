"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from math import ceil
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from releve.domain.ids import DEFAULT_OPERATOR
from releve.web.forms import Form
from releve.web.i18n import LANGUAGES, N_
from releve.web.security import local_path
from releve.web.visit import LANGUAGE_COOKIE, Asked

OPEN = {"scope": "none"}
YEAR_S = 365 * 24 * 3600
WRONG = N_("Name and password do not match.")
LATER = N_("Too many wrong passwords. Try again in {minutes} minutes.")


@get("/sign-in", opt=OPEN)
async def form(visit: Asked) -> Response[Any]:
    """The form; straight on for those who are signed in."""
    onward = local_path(visit.query.get("next", "/"))
    if visit.may("read"):
        return Redirect(onward, status_code=303)
    return visit.part("sign_in.html", form=Form({"next": onward}), problem="")


@post("/sign-in", opt=OPEN)
async def sign_in(visit: Asked) -> Response[Any]:
    """Check name and password. Failures are slowed down by address and name."""
    form = await visit.form()
    name, onward = form.text("name"), local_path(form.text("next") or "/")
    client = visit.request.client
    address = client.host if client else ""
    throttle = visit.door.throttle
    if wait := throttle.wait_s(address, name):
        problem = visit.text(LATER).format(minutes=ceil(wait / 60))
        headers = {"retry-after": str(ceil(wait))}
        return visit.part("sign_in.html", status=429, form=form, problem=problem, headers=headers)
    throttle.failed(address, name)
    password = form.text("password", strip=False)
    signed_in = await visit.desk.services.access.sign_in(DEFAULT_OPERATOR, name, password)
    if signed_in is None:
        return visit.part("sign_in.html", status=422, form=form, problem=visit.text(WRONG))
    throttle.succeeded(address, name)
    cookie = visit.door.session_cookie(signed_in[0])
    return Redirect(onward, status_code=303, cookies=[cookie])


@post("/sign-out")
async def sign_out(visit: Asked) -> Response[Any]:
    """End this browser's session."""
    secret = visit.door.secret(visit.request)
    await visit.desk.services.access.sign_out(visit.principal.operator, secret)
    gone = visit.door.session_cookie("")
    gone.max_age = 0
    return Redirect("/sign-in", status_code=303, cookies=[gone])


@post("/language", opt=OPEN)
async def language(visit: Asked) -> Response[Any]:
    """Remember the language: in the browser, and with the person who is signed in."""
    form = await visit.form()
    chosen = form.choice("language", tuple(LANGUAGES))
    if visit.may("read"):
        await visit.desk.services.access.set_language(visit.principal, chosen)
    cookie = Cookie(
        key=LANGUAGE_COOKIE,
        value=chosen,
        path="/",
        max_age=YEAR_S,
        httponly=True,
        secure=visit.desk.settings.http_secure,
        samesite="lax",
    )
    return Redirect(local_path(form.text("back") or "/"), status_code=303, cookies=[cookie])


ROUTES = (form, sign_in, sign_out, language)
