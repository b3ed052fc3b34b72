"""Firmware images beside uploading: those that lie elsewhere, their signatures, and the keys they are signed with."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.services.errors import RequestError
from releve.services.images import About
from releve.web.forms import Form
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

REFRESH = {"hx-refresh": "true"}
Told = tuple[str, str]


@get("/firmware/elsewhere", opt=ADMIN)
async def ask_elsewhere(visit: Asked) -> Response[Any]:
    """The dialog."""
    return visit.part("firmware/elsewhere.html", form=Form(), refused=None)


@post("/firmware/elsewhere", opt=ADMIN, status_code=200)
async def elsewhere(visit: Asked) -> Response[Any]:
    """Name an image that lies elsewhere."""
    form, who = await visit.form(), visit.principal
    try:
        about = About(
            version=form.text("version"),
            vendor=form.text("vendor"),
            model=form.text("model"),
            signature=form.text("signature"),
            certificate=form.text("certificate"),
        )
        await visit.desk.services.images.refer(
            who.operator, form.required("url"), about, by=who.name
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return visit.part("firmware/elsewhere.html", status=422, form=form, refused=told)
    return Response("", headers=REFRESH)


@get("/firmware/{image_id:str}/sign", opt=ADMIN)
async def ask_signature(visit: Asked, image_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _dialog(visit, image_id, Form())


@post("/firmware/{image_id:str}/sign", opt=ADMIN, status_code=200)
async def sign(visit: Asked, image_id: FromPath[str]) -> Response[Any]:
    """Sign an image with a key of ours, or take its maker's signature, which is checked."""
    form = await visit.form()
    try:
        await visit.desk.services.images.sign(
            visit.principal.operator,
            image_id,
            key=form.text("key"),
            signature=form.text("signature"),
            certificate=form.text("certificate"),
        )
    except RequestError as refused:
        return await _dialog(visit, image_id, form, (refused.field, visit.refusal(refused)))
    return Response("", headers=REFRESH)


@post("/firmware/keys/remove", opt=ADMIN, status_code=200)
async def remove_key(visit: Asked) -> Response[Any]:
    """Remove a signing key for good."""
    form = await visit.form()
    await visit.desk.services.images.remove_key(visit.principal.operator, form.required("name"))
    return Response("", headers=REFRESH)


async def _dialog(
    visit: Visit, image_id: str, form: Form, refused: Told | None = None
) -> Response[Any]:
    images, operator = visit.desk.services.images, visit.principal.operator
    return visit.part(
        "firmware/sign.html",
        status=422 if refused else 200,
        image=await images.get(operator, image_id),
        keys=await images.keys(operator),
        form=form,
        refused=refused,
    )


ROUTES = (ask_elsewhere, elsewhere, ask_signature, sign, remove_key)
