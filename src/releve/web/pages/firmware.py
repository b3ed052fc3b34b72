"""Firmware: images, keys they are signed with, and roll-outs to many stations."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.firmware import Image
from releve.domain.ids import StationId
from releve.services.errors import Invalid, RequestError
from releve.services.firmware import When
from releve.services.rollouts import Pace
from releve.services.signatures import Algorithm
from releve.services.views import StationFilter, StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.visit import Asked, Visit

ADMIN = {"scope": "admin"}
MOST = 500


@get("/firmware")
async def firmware(visit: Asked) -> Response[Any]:
    """Images and roll-outs; only one of the parts when htmx asks for it (`part`)."""
    services, operator = visit.desk.services, visit.principal.operator
    images = await services.images.all(operator)
    context: dict[str, Any] = {
        "images": images,
        "names": {one.id: one for one in images},
        "keys": await services.images.keys(operator),
        "rollouts": await services.rollouts.all(operator),
    }
    part = visit.query.get("part", "")
    if visit.partial and part in ("images", "rollouts"):
        return visit.part(f"firmware/{part}.html", **context)
    return await visit.page("firmware/page.html", **context)


@get("/firmware/upload", opt=ADMIN)
async def ask_upload(visit: Asked) -> Response[Any]:
    """The dialog; the file itself goes to the API, piece by piece."""
    keys = await visit.desk.services.images.keys(visit.principal.operator)
    return visit.part("firmware/upload.html", keys=keys, form=Form())


@get("/firmware/keys", opt=ADMIN)
async def ask_key(visit: Asked) -> Response[Any]:
    """The dialog for a new signing key."""
    return visit.part("firmware/key.html", form=Form(), refused=None)


@post("/firmware/keys", opt=ADMIN, status_code=200)
async def make_key(visit: Asked) -> Response[Any]:
    """Make one, and show its certificate."""
    form = await visit.form()
    try:
        key = await visit.desk.services.images.make_key(
            visit.principal.operator,
            form.required("name"),
            Algorithm(form.choice("algorithm", tuple(Algorithm))),
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return visit.part("firmware/key.html", status=422, form=form, refused=told)
    return visit.part("firmware/made_key.html", key=key)


@post("/firmware/{image_id:str}/remove", opt=ADMIN, status_code=200)
async def remove(visit: Asked, image_id: FromPath[str]) -> Response[Any]:
    """Remove an image with its file; the list without it."""
    await visit.form()
    await visit.desk.services.images.remove(visit.principal.operator, image_id)
    return Response("", headers={"hx-refresh": "true"})


@get("/firmware/{image_id:str}/rollout", opt=ADMIN)
async def ask_rollout(visit: Asked, image_id: FromPath[str]) -> Response[Any]:
    """The dialog: to which stations."""
    return await _rollout_dialog(visit, image_id, Form(visit.query))


@post("/firmware/{image_id:str}/rollout", opt=ADMIN, status_code=200)
async def roll_out(visit: Asked, image_id: FromPath[str]) -> Response[Any]:
    """Begin it."""
    form, who = await visit.form(), visit.principal
    services = visit.desk.services
    try:
        image = await services.images.get(who.operator, image_id)
        stations = await _chosen(visit, image, form)
        await services.rollouts.begin(
            who.operator,
            image.id,
            [StationId(int(one.id)) for one in stations],
            When(signed=False if form.flag("unsigned") else None),
            Pace(
                at_once=form.integer("at_once", least=1, most=100) or 5,
                stop_after_failures=form.integer("stop_after") or 0,
                label=form.text("label"),
            ),
            by=who.name,
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _rollout_dialog(visit, image_id, form, told)
    return Response("", headers={"hx-redirect": "/firmware"})


@post("/firmware/rollouts/{rollout:str}/cancel", opt=ADMIN, status_code=200)
async def cancel(visit: Asked, rollout: FromPath[str]) -> Response[Any]:
    """Ask no further station."""
    await visit.form()
    await visit.desk.services.rollouts.cancel(visit.principal.operator, rollout)
    return Response("", headers={"hx-refresh": "true"})


async def _chosen(visit: Visit, image: Image, form: Form) -> list[StationView]:
    """Those whose identity is named, or all that fit and have another version."""
    fitting = await _fitting(visit, image)
    named = [word for word in form.text("stations").replace(",", " ").split() if word]
    if not named:
        chosen = [one for one in fitting if one.firmware != image.version or not image.version]
        if not chosen:
            raise Invalid(N_("No station needs this image."), field="stations")
        return chosen
    by_name = {one.identity.casefold(): one for one in fitting}
    unknown = [word for word in named if word.casefold() not in by_name]
    if unknown:
        raise Invalid(N_("There is no such station, or the image is not for it."), field="stations")
    return [by_name[word.casefold()] for word in named]


async def _fitting(visit: Visit, image: Image) -> list[StationView]:
    wanted = StationFilter(quarantined=False)
    found = await visit.desk.catalogue.stations(visit.principal.operator, wanted, limit=MOST)
    return [
        one
        for one in found.items
        if (not image.vendor or not one.vendor or image.vendor.casefold() == one.vendor.casefold())
        and (not image.model or not one.model or image.model.casefold() == one.model.casefold())
    ]


async def _rollout_dialog(
    visit: Visit, image_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    image = await visit.desk.services.images.get(visit.principal.operator, image_id)
    fitting = await _fitting(visit, image)
    return visit.part(
        "firmware/rollout.html",
        status=422 if refused else 200,
        image=image,
        fitting=len([one for one in fitting if one.firmware != image.version or not image.version]),
        form=form,
        refused=refused,
    )


ROUTES = (firmware, ask_upload, ask_key, make_key, remove, ask_rollout, roll_out, cancel)
