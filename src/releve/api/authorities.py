"""The certificate authority, what is revoked, and the rules for stations' certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET, UnsetType

from releve.api.here import Asker, Line, TheDesk
from releve.api.paging import Items
from releve.domain.security_documents import Authority, RevocationList
from releve.services.certificates.pem import common_names, load_chain
from releve.services.errors import NotFound, NotNow
from releve.services.security.authorities import ALGORITHMS
from releve.services.security.ports import SigningFailed

TAGS = ["Certificate authority"]
ADMIN = {"scope": "admin"}
ListKey = Annotated[str, PathParameter(description="As lists show it.", max_length=200)]
Algorithm = Annotated[str, PathParameter(description="ecdsa or rsa.", max_length=10)]
Pem = Annotated[str, msgspec.Meta(max_length=200_000)]


class BuiltInAuthority(msgspec.Struct, frozen=True, kw_only=True):
    """root: what stations' certificates come from; issuing: what signs them. PEM."""

    algorithm: str
    organisation: str
    name: str
    root: str
    issuing: str
    root_ends_at: datetime
    issuing_ends_at: datetime
    created_at: datetime


class NewBuiltInAuthority(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """organisation: O of all its certificates. name: begins the authorities' common names; empty: the organisation."""

    organisation: Line
    name: Line = ""


class ListView(msgspec.Struct, frozen=True, kw_only=True):
    """A revocation list of somebody's authority. revoked: how many serial numbers stand on it."""

    id: str
    issuer: str
    revoked: int
    issued_at: datetime
    next_update: datetime | None
    added_at: datetime
    added_by: str


class NewList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """list: in PEM form, signed by an authority that is trusted for stations' certificates."""

    list: Pem


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """organisations: what O of stations' certificates may be. Days: how long one lasts, and when it is renewed."""

    organisations: list[str]
    certificate_days: int
    renew_before_days: int


class PolicyChanges(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Absent fields stay. renew_before_days 0: nothing is renewed by itself."""

    organisations: list[Line] | UnsetType = UNSET
    certificate_days: int | UnsetType = UNSET
    renew_before_days: int | UnsetType = UNSET


@get(
    "/certificate-authorities",
    operation_id="listCertificateAuthorities",
    summary="The built-in certificate authority",
    tags=TAGS,
)
async def list_authorities(desk: TheDesk, asker: Asker) -> Items[BuiltInAuthority]:
    """One for each kind of key, or none yet. Private keys are never shown."""
    found = await desk.services.security.authorities.all(asker.operator)
    return Items(items=[_authority(one) for one in found])


@post(
    "/certificate-authorities",
    operation_id="createCertificateAuthority",
    summary="Create the certificate authority",
    tags=TAGS,
    opt=ADMIN,
)
async def create_authority(
    desk: TheDesk, asker: Asker, data: JSONBody[NewBuiltInAuthority]
) -> Items[BuiltInAuthority]:
    """Root and issuing authority, for ECDSA and RSA; its roots are trusted, its organisation accepted. Once."""
    made = await desk.services.security.authorities.create(
        asker.operator, data.organisation, name=data.name, by=asker.name
    )
    return Items(items=[_authority(one) for one in made])


@get(
    "/certificate-authorities/{algorithm:str}/crl",
    operation_id="getRevocationList",
    summary="What the certificate authority has revoked",
    tags=TAGS,
    media_type="application/x-pem-file",
)
async def get_crl(desk: TheDesk, asker: Asker, algorithm: Algorithm) -> Response[str]:
    """A revocation list in PEM form, made now, for others to check; it is good for a week."""
    if algorithm not in ALGORITHMS:
        raise NotFound("There is no such certificate authority.")
    try:
        text = await desk.services.security.authorities.crl(asker.operator, algorithm)
    except SigningFailed as failed:
        raise NotNow(str(failed)) from failed
    return Response(text, media_type="application/x-pem-file")


@get(
    "/revocation-lists",
    operation_id="listRevocationLists",
    summary="List revocation lists",
    tags=TAGS,
)
async def list_lists(desk: TheDesk, asker: Asker) -> Items[ListView]:
    """Those of authorities that are not ours, as they were given."""
    found = await desk.services.security.trust_desk.lists(asker.operator)
    return Items(items=[_list(one) for one in found])


@post(
    "/revocation-lists",
    operation_id="addRevocationList",
    summary="Take over a revocation list",
    tags=TAGS,
    opt=ADMIN,
)
async def add_list(desk: TheDesk, asker: Asker, data: JSONBody[NewList]) -> ListView:
    """It replaces an older one of the same authority."""
    added = await desk.services.security.trust_desk.add_list(
        asker.operator, data.list, by=asker.name
    )
    return _list(added)


@delete(
    "/revocation-lists/{key:str}",
    operation_id="removeRevocationList",
    summary="Forget a revocation list",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_list(desk: TheDesk, asker: Asker, key: ListKey) -> None:
    """What it revoked counts again."""
    await desk.services.security.trust_desk.remove_list(asker.operator, key)


@get(
    "/certificate-policy",
    operation_id="getCertificatePolicy",
    summary="The rules for stations' certificates",
    tags=TAGS,
)
async def get_policy(desk: TheDesk, asker: Asker) -> Policy:
    """Whose they may be, how long they last, when they are renewed."""
    policy = await desk.services.security.trust_desk.policy(asker.operator)
    return msgspec.convert(policy, Policy, from_attributes=True)


@patch(
    "/certificate-policy",
    operation_id="changeCertificatePolicy",
    summary="Change the rules for stations' certificates",
    tags=TAGS,
    opt=ADMIN,
)
async def change_policy(desk: TheDesk, asker: Asker, data: JSONBody[PolicyChanges]) -> Policy:
    """From the next connection, and the next request for a certificate, on."""
    given = {f: v for f in data.__struct_fields__ if (v := getattr(data, f)) is not UNSET}
    policy = await desk.services.security.trust_desk.set_policy(asker.operator, **given)
    return msgspec.convert(policy, Policy, from_attributes=True)


def _authority(authority: Authority) -> BuiltInAuthority:
    root, issuing = load_chain(authority.root)[0], load_chain(authority.issuing)[0]
    return BuiltInAuthority(
        algorithm=authority.algorithm,
        organisation=authority.organisation,
        name=next(iter(common_names(issuing.subject)), ""),
        root=authority.root,
        issuing=authority.issuing,
        root_ends_at=root.not_valid_after_utc,
        issuing_ends_at=issuing.not_valid_after_utc,
        created_at=authority.created_at,
    )


def _list(one: RevocationList) -> ListView:
    return ListView(
        id=one.key,
        issuer=one.issuer_name,
        revoked=len(one.serials),
        issued_at=one.issued_at,
        next_update=one.next_update,
        added_at=one.added_at,
        added_by=one.added_by,
    )


ROUTES = (
    list_authorities,
    create_authority,
    get_crl,
    list_lists,
    add_list,
    remove_list,
    get_policy,
    change_policy,
)
