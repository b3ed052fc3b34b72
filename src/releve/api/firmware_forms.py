"""Bodies and results of the firmware endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from releve.api.here import Line, aware
from releve.domain.firmware import Image, SigningKey
from releve.services.firmware import When

Retries = Annotated[int, msgspec.Meta(ge=0, le=100)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400)]
Url = Annotated[str, msgspec.Meta(max_length=512)]
Pem = Annotated[str, msgspec.Meta(max_length=64_000)]
Base64 = Annotated[str, msgspec.Meta(max_length=800)]


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ImageView(msgspec.Struct, frozen=True, kw_only=True):
    """file: its row among the files; url: where it lies elsewhere. signed: whether it can go out as signed firmware.

    signed_by: the key of ours that signed it. md5: what a local controller verifies it by.
    """

    id: str
    name: str
    version: str
    vendor: str
    model: str
    file: str | None
    url: str
    size: int | None
    sha256: str
    md5: str
    signed: bool
    signed_by: str
    signature: str
    certificate: str
    added_by: str
    added_at: datetime


class SigningKeyView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    algorithm: str
    certificate: str
    created_at: datetime


class PublishedView(msgspec.Struct, frozen=True, kw_only=True):
    """locations: where the stations behind the controller find it."""

    checksum: str
    image: str
    locations: tuple[str, ...]
    published_at: datetime


class Reference(_Body, frozen=True, kw_only=True):
    """signature: Base64, with the PEM certificate of its signer; both or neither."""

    url: Url
    version: Line = ""
    vendor: Line = ""
    model: Line = ""
    signature: Base64 = ""
    certificate: Pem = ""


class Signature(_Body, frozen=True, kw_only=True):
    """key: the name of a key of ours; or the signature (Base64, of the file's SHA-256) with its certificate (PEM)."""

    key: Line = ""
    signature: Base64 = ""
    certificate: Pem = ""


class NewKey(_Body, frozen=True, kw_only=True):
    """A new key of this algorithm, or a private key (PEM, without passphrase) with its certificate (PEM)."""

    name: Line
    algorithm: Literal["ec-p256", "rsa-3072"] = "ec-p256"
    private_key: Pem = ""
    certificate: Pem = ""


class Timing(_Body, frozen=True, kw_only=True):
    """retrieve_at: absent, at once. install_at: absent, as soon as it can (1.6: signed firmware only).

    signed: absent, when the image is. credentials: how a station that fetches from this server shows its leave, in the
    address's path or as user and password. https: over the TLS port of this server.
    """

    retrieve_at: datetime | None = None
    install_at: datetime | None = None
    retries: Retries | None = None
    retry_interval_s: Seconds | None = None
    signed: bool | None = None
    credentials: Literal["path", "basic"] = "path"
    https: bool = False


class Update(Timing, frozen=True, kw_only=True):
    """image: one of `/firmware`; or url, with version, signature and certificate where there are any.

    controller: a local controller that publishes the image and that the station is to fetch it from.
    """

    image: Line = ""
    url: Url = ""
    version: Line = ""
    signature: Base64 = ""
    certificate: Pem = ""
    controller: Line = ""


class Publication(_Body, frozen=True, kw_only=True):
    """checksum: MD5 in hexadecimal, only for an image that lies elsewhere."""

    image: Line
    checksum: Line = ""
    retries: Retries | None = None
    retry_interval_s: Seconds | None = None
    https: bool = False


class Unpublication(_Body, frozen=True, kw_only=True):
    """checksum: MD5 of the image in hexadecimal, as it was published."""

    checksum: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


def when_of(data: Timing) -> When:
    """As the services take it."""
    return When(
        retrieve_at=aware(data.retrieve_at, "retrieve_at"),
        install_at=aware(data.install_at, "install_at"),
        retries=data.retries,
        retry_interval_s=data.retry_interval_s,
        signed=data.signed,
        basic=data.credentials == "basic",
        secure=data.https,
    )


def image_view(image: Image) -> ImageView:
    """An image as the API shows it."""
    fields = {n: getattr(image, n) for n in ImageView.__struct_fields__ if n != "file"}
    return ImageView(**fields, file=str(image.file) if image.file is not None else None)


def key_view(key: SigningKey) -> SigningKeyView:
    """A key without what is secret of it."""
    return SigningKeyView(
        name=key.name,
        algorithm=key.algorithm,
        certificate=key.certificate,
        created_at=key.created_at,
    )
