"""Firmware: images, the keys they are signed with, updates of stations, and what local controllers publish."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.params import JSONBody, QueryParameter

from releve.api.bodies import BadBody, Body
from releve.api.command_forms import CommandResult, result_of
from releve.api.commands import Patience
from releve.api.firmware_forms import (
    ImageView,
    NewKey,
    Publication,
    PublishedView,
    Reference,
    Signature,
    SigningKeyView,
    Unpublication,
    Update,
    image_view,
    key_view,
    when_of,
)
from releve.api.here import Asker, Key, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.api.paging import Items
from releve.domain.firmware import Image
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.errors import Invalid
from releve.services.images import About, check_url
from releve.services.signatures import Algorithm
from releve.services.views import OperationView

TAGS = ["Firmware"]
ADMIN = {"scope": "admin"}
CONTROL = {"scope": "control", "pace": "disruptive"}
Text = Annotated[str, QueryParameter(max_length=100)]


@get("/firmware", operation_id="listFirmware", summary="List firmware images", tags=TAGS)
async def list_images(desk: TheDesk, asker: Asker) -> Items[ImageView]:
    """Newest first."""
    images = await desk.services.images.all(asker.operator)
    return Items(items=[image_view(one) for one in images])


@get("/firmware/{image:str}", operation_id="getFirmware", summary="One firmware image", tags=TAGS)
async def get_image(desk: TheDesk, asker: Asker, image: Key) -> ImageView:
    """What is known of it."""
    return image_view(await desk.services.images.get(asker.operator, image))


@post(
    "/firmware",
    operation_id="uploadFirmware",
    summary="Upload a firmware image",
    tags=TAGS,
    opt=ADMIN,
    request_max_body_size=None,
)
async def upload(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    name: Annotated[str, QueryParameter(description="The file's name.", max_length=255)] = "",
    version: Annotated[
        str,
        QueryParameter(
            description="As stations will tell it at their boot: it confirms the update.",
            max_length=100,
        ),
    ] = "",
    vendor: Text = "",
    model: Text = "",
    sign_with: Annotated[
        str, QueryParameter(description="Sign it with this key of ours.", max_length=100)
    ] = "",
) -> Response[ImageView]:
    """The body is the file itself, or a form with one file. Its checksums are reckoned while it comes."""
    body = Body(dict(request.headers), request.stream())
    declared = request.headers.get("content-length", "")
    about = About(version=version, vendor=vendor, model=model, key=sign_with)
    try:
        pieces = await body.opened()
        image = await desk.services.images.upload(
            asker.operator,
            name or body.name,
            pieces,
            about,
            by=asker.name,
            declared=int(declared) if declared.isdigit() else None,
        )
    except BadBody as bad:
        raise Invalid(str(bad), field="file") from bad
    return _created(image)


@post(
    "/firmware/references",
    operation_id="referToFirmware",
    summary="Name an image that lies elsewhere",
    tags=TAGS,
    opt=ADMIN,
)
async def refer(desk: TheDesk, asker: Asker, data: JSONBody[Reference]) -> Response[ImageView]:
    """At an address that stations can reach: http, https, ftp, ftps or sftp."""
    about = About(
        version=data.version,
        vendor=data.vendor,
        model=data.model,
        signature=data.signature,
        certificate=data.certificate,
    )
    return _created(
        await desk.services.images.refer(asker.operator, data.url, about, by=asker.name)
    )


@post(
    "/firmware/{image:str}/sign",
    operation_id="signFirmware",
    summary="Sign an image, or give its signature",
    tags=TAGS,
    opt=ADMIN,
    status_code=200,
)
async def sign(desk: TheDesk, asker: Asker, image: Key, data: JSONBody[Signature]) -> ImageView:
    """With a key of ours, or with the maker's signature and certificate, which are checked."""
    signed = await desk.services.images.sign(
        asker.operator,
        image,
        key=data.key,
        signature=data.signature,
        certificate=data.certificate,
    )
    return image_view(signed)


@delete(
    "/firmware/{image:str}",
    operation_id="removeFirmware",
    summary="Remove an image",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_image(desk: TheDesk, asker: Asker, image: Key) -> None:
    """With its file. Stations that are still to fetch it will fail to."""
    await desk.services.images.remove(asker.operator, image)


@get("/firmware-keys", operation_id="listFirmwareKeys", summary="Signing keys", tags=TAGS)
async def list_keys(desk: TheDesk, asker: Asker) -> Items[SigningKeyView]:
    """With their certificates. The private keys never leave this server."""
    keys = await desk.services.images.keys(asker.operator)
    return Items(items=[key_view(one) for one in keys])


@post(
    "/firmware-keys",
    operation_id="addFirmwareKey",
    summary="Make or import a signing key",
    tags=TAGS,
    opt=ADMIN,
)
async def add_key(desk: TheDesk, asker: Asker, data: JSONBody[NewKey]) -> SigningKeyView:
    """Install its certificate in stations as ManufacturerRootCertificate, unless its issuer is there."""
    key = await desk.services.images.make_key(
        asker.operator,
        data.name,
        Algorithm(data.algorithm),
        private_key=data.private_key,
        certificate=data.certificate,
    )
    return key_view(key)


@delete(
    "/firmware-keys/{key:str}",
    operation_id="removeFirmwareKey",
    summary="Remove a signing key",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_key(desk: TheDesk, asker: Asker, key: Key) -> None:
    """For good. Images that it signed keep their signature."""
    await desk.services.images.remove_key(asker.operator, key)


@post(
    "/stations/{station:str}/firmware",
    operation_id="updateFirmware",
    summary="Update a station's firmware",
    tags=TAGS,
    opt=CONTROL,
)
async def update(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Update],
    timeout: Patience = None,
) -> OperationView:
    """The operation follows the station's progress to Installed, or to what went wrong."""
    found = await station_id(desk, asker, station)
    image = await _image(desk, asker, data)
    location = ""
    if data.controller:
        controller = await station_id(desk, asker, data.controller)
        location = await desk.services.publishing.location(asker.operator, controller, image.id)
    operation = await desk.services.firmware.update(
        asker.operator,
        found,
        image,
        when_of(data),
        location=location,
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, operation)


async def _image(desk: Desk, asker: Principal, data: Update) -> Image:
    """The image named, or one made of what is given for this update only."""
    if data.image:
        return await desk.services.images.get(asker.operator, data.image)
    if not data.url:
        raise Invalid("Name an image, or an address.", field="image")
    check_url(data.url)
    return Image(
        id="",
        name=data.url.rsplit("/", 1)[-1][:100],
        version=data.version,
        url=data.url,
        signature=data.signature,
        certificate=data.certificate,
        added_at=desk.clock.now(),
    )


@get(
    "/stations/{station:str}/firmware/published",
    operation_id="listPublishedFirmware",
    summary="What a local controller publishes",
    tags=TAGS,
)
async def published(desk: TheDesk, asker: Asker, station: StationKey) -> Items[PublishedView]:
    """As far as it told."""
    found = await station_id(desk, asker, station)
    kept = await desk.services.publishing.published(asker.operator, found)
    return Items(
        items=[
            PublishedView(**{n: getattr(one, n) for n in PublishedView.__struct_fields__})
            for one in kept
        ]
    )


@post(
    "/stations/{station:str}/firmware/publish",
    operation_id="publishFirmware",
    summary="Have a local controller publish an image",
    tags=TAGS,
    opt=CONTROL,
)
async def publish(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Publication],
    timeout: Patience = None,
) -> OperationView:
    """It fetches the image once, and serves it to the stations behind it (2.x)."""
    operation = await desk.services.publishing.publish(
        asker.operator,
        await station_id(desk, asker, station),
        await desk.services.images.get(asker.operator, data.image),
        checksum=data.checksum,
        retries=data.retries,
        retry_interval_s=data.retry_interval_s,
        secure=data.https,
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, operation)


@post(
    "/stations/{station:str}/firmware/unpublish",
    operation_id="unpublishFirmware",
    summary="Have a local controller withdraw an image",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def unpublish(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Unpublication],
    timeout: Patience = None,
) -> CommandResult:
    """Unpublished, NoFirmware, or DownloadOngoing: then it goes on serving it."""
    outcome = await desk.services.publishing.unpublish(
        asker.operator,
        await station_id(desk, asker, station),
        data.checksum,
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


def _created(image: Image) -> Response[ImageView]:
    return Response(
        image_view(image),
        status_code=201,
        headers={"location": f"/api/v1/firmware/{image.id}"},
    )


ROUTES = (
    list_images,
    get_image,
    upload,
    refer,
    sign,
    remove_image,
    list_keys,
    add_key,
    remove_key,
    update,
    published,
    publish,
    unpublish,
)
