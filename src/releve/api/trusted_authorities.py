"""The register of authorities: whose certificates are believed at the door and of cars, and installed in stations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from releve.api.certificates import Pem
from releve.api.here import Asker, Key, Line, TheDesk
from releve.domain.trusted_authority import AuthorityUse, TrustedAuthority

TAGS = ["Certificates"]
ADMIN = {"scope": "admin"}
Uses = Annotated[list[AuthorityUse], msgspec.Meta(min_length=1, max_length=10)]


class AuthorityView(msgspec.Struct, frozen=True, kw_only=True):
    """An authority. id: SHA-256 of its certificate. uses: what it is believed for; `ChargingStationCertificate` is for
    stations' own client certificates."""

    id: str
    label: str
    uses: list[AuthorityUse]
    subject: str
    issuer: str
    serial_number: str
    begins_at: datetime
    expires_at: datetime
    pem: str
    added_at: datetime
    added_by: str


class Authorities(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, those that expire first in front."""

    items: list[AuthorityView]


class NewAuthority(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """certificate: PEM; several, one after the other, get the same uses."""

    certificate: Pem
    uses: Uses
    label: Line = ""


class AuthorityChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Absent: stays as it is."""

    uses: Uses | None = None
    label: Line | None = None


@get(
    "/trusted-authorities",
    operation_id="listTrustedAuthorities",
    summary="List trusted authorities",
    tags=TAGS,
)
async def list_authorities(
    desk: TheDesk,
    asker: Asker,
    use: Annotated[
        AuthorityUse | None, QueryParameter(description="Only those believed for this.")
    ] = None,
) -> Authorities:
    """By expiry."""
    found = await desk.services.authorities.all(asker.operator)
    return Authorities(items=[authority_view(one) for one in found if use in (None, *one.uses)])


@post(
    "/trusted-authorities",
    operation_id="addTrustedAuthority",
    summary="Trust an authority",
    tags=TAGS,
    opt=ADMIN,
)
async def add_authority(desk: TheDesk, asker: Asker, data: JSONBody[NewAuthority]) -> Authorities:
    """Stations' client certificates are believed up to those of `ChargingStationCertificate`, contracts up to V2G and
    mobility operator roots; sub-CAs complete what stations and cars leave out. An authority that is there already is
    believed for these uses, too."""
    added = await desk.services.authorities.add(
        asker.operator, data.certificate, data.uses, label=data.label, by=asker.name
    )
    return Authorities(items=[authority_view(one) for one in added])


@patch(
    "/trusted-authorities/{authority:str}",
    operation_id="changeTrustedAuthority",
    summary="Change what an authority is trusted for",
    tags=TAGS,
    opt=ADMIN,
)
async def change_authority(
    desk: TheDesk, asker: Asker, authority: Key, data: JSONBody[AuthorityChanges]
) -> AuthorityView:
    """Counts from the next certificate that is looked at, and the next connection, without a restart."""
    before = await desk.services.authorities.get(asker.operator, authority)
    changed = await desk.services.authorities.change(
        asker.operator,
        authority,
        uses=before.uses if data.uses is None else data.uses,
        label=before.label if data.label is None else data.label,
    )
    return authority_view(changed)


@delete(
    "/trusted-authorities/{authority:str}",
    operation_id="removeTrustedAuthority",
    summary="Trust an authority no more",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_authority(desk: TheDesk, asker: Asker, authority: Key) -> None:
    """Stations whose own certificates come from it are refused at their next connection; those that have its
    certificate installed keep it."""
    await desk.services.authorities.remove(asker.operator, authority)


def authority_view(one: TrustedAuthority) -> AuthorityView:
    """As the API shows it."""
    return AuthorityView(
        id=one.key,
        label=one.label,
        uses=list(one.uses),
        subject=one.subject,
        issuer=one.issuer,
        serial_number=one.serial,
        begins_at=one.begins_at,
        expires_at=one.expires_at,
        pem=one.pem,
        added_at=one.added_at,
        added_by=one.added_by,
    )


ROUTES = (list_authorities, add_authority, change_authority, remove_authority)
