"""V2G certificates of stations, and the sub-CAs that sign them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import delete, get, post
from litestar.params import JSONBody

from releve.api.certificates import Pem
from releve.api.commands import ASKING, Patience
from releve.api.here import Asker, Key, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.domain.security_commands import SigningUse
from releve.domain.v2g_authority import V2gAuthority
from releve.services.views import OperationView

TAGS = ["Certificates"]
ADMIN = {"scope": "admin"}
Use = Literal["V2GCertificate", "V2G20Certificate"]


class V2gAuthorityView(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-CA that signs V2G certificates. Its private key is never shown."""

    id: str
    subject: str
    chain: str
    uses: list[str]
    expires_at: datetime
    days: int
    responder: str
    added_at: datetime
    added_by: str


class V2gAuthorityList(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, the newest first."""

    items: list[V2gAuthorityView]


class NewV2gAuthority(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """chain: PEM from the sub-CA up to the V2G root. private_key: that of the sub-CA, PEM, not encrypted; it is sealed.

    uses: V2GCertificate for 15118-2, V2G20Certificate for 15118-20. days: how long a certificate lasts. responder: the
    OCSP responder that certificates name.
    """

    chain: Pem
    private_key: Pem
    uses: Annotated[tuple[Use, ...], msgspec.Meta(min_length=1)] = (
        "V2GCertificate",
        "V2G20Certificate",
    )
    days: int = 90
    responder: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Renewing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    use: Use = "V2GCertificate"


@get(
    "/v2g-authorities",
    operation_id="listV2gAuthorities",
    summary="List V2G authorities",
    tags=TAGS,
)
async def list_v2g_authorities(desk: TheDesk, asker: Asker) -> V2gAuthorityList:
    """Who signs what stations show to cars."""
    found = await desk.services.v2g_authorities.all(asker.operator)
    return V2gAuthorityList(items=[_view(one) for one in found])


@post(
    "/v2g-authorities",
    operation_id="addV2gAuthority",
    summary="Add a V2G authority",
    tags=TAGS,
    opt=ADMIN,
)
async def add_v2g_authority(
    desk: TheDesk, asker: Asker, data: JSONBody[NewV2gAuthority]
) -> V2gAuthorityView:
    """Its root is trusted for V2G from now on."""
    added = await desk.services.v2g_authorities.add(
        asker.operator,
        data.chain,
        data.private_key,
        uses=[SigningUse(use) for use in data.uses],
        days=data.days,
        responder=data.responder,
        by=asker.name,
    )
    return _view(added)


@delete(
    "/v2g-authorities/{authority:str}",
    operation_id="removeV2gAuthority",
    summary="Forget a V2G authority",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_v2g_authority(desk: TheDesk, asker: Asker, authority: Key) -> None:
    """Its private key is forgotten with it; what it signed stays good."""
    await desk.services.v2g_authorities.remove(asker.operator, authority)


@post(
    "/stations/{station:str}/certificates/v2g",
    operation_id="renewV2gCertificate",
    summary="Have a station ask for a V2G certificate",
    tags=TAGS,
    opt=ASKING,
)
async def renew_v2g_certificate(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Renewing | None] = None,
    timeout: Patience = None,
) -> OperationView:
    """The operation is done when the station has taken the signed certificate."""
    found = await station_id(desk, asker, station)
    operation = await desk.services.v2g_certificates.renew(
        asker.operator,
        found,
        SigningUse(data.use if data else "V2GCertificate"),
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, operation)


def _view(one: V2gAuthority) -> V2gAuthorityView:
    return V2gAuthorityView(
        id=one.key,
        subject=one.subject,
        chain=one.chain,
        uses=list(one.uses),
        expires_at=one.expires_at,
        days=one.days,
        responder=one.responder,
        added_at=one.added_at,
        added_by=one.added_by,
    )


ROUTES = (list_v2g_authorities, add_v2g_authority, remove_v2g_authority, renew_v2g_certificate)
