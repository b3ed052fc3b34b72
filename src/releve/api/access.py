"""People and API keys (scope admin). Secrets and passwords are shown once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody, PathParameter

from releve.api.here import Asker, Key, Line, TheDesk, aware, row_id
from releve.api.paging import Items
from releve.domain.ids import ApiKeyId
from releve.services.errors import NotFound
from releve.services.ports import ApiKey, User

TAGS = ["Access"]
ADMIN = {"scope": "admin"}
Scope = Literal["read", "control", "admin"]
UserName = Annotated[
    str, PathParameter(description="The person's name.", min_length=1, max_length=100)
]


class ApiKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """hint: the key's first characters."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None = None


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """scopes: read (see everything), control (command stations), admin (registers, users, keys).

    Each includes those before it.
    """

    name: Line
    scopes: list[Scope]
    expires_at: datetime | None = None


class MadeApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """secret: the key itself, shown this once."""

    key: ApiKeyView
    secret: str


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """role: admin (everything), operator (see and control), viewer (see)."""

    id: str
    name: str
    role: str
    language: str
    disabled: bool
    created_at: datetime


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """password: at least 10 characters; absent, one is made."""

    name: Line
    role: Literal["admin", "operator", "viewer"] = "operator"
    password: str | None = None


class AddedUser(msgspec.Struct, frozen=True, kw_only=True):
    """password: the one given or made, shown this once."""

    user: UserView
    password: str


class NewUserPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """password: at least 10 characters; absent, one is made."""

    password: str | None = None


class UserPassword(msgspec.Struct, frozen=True, kw_only=True):
    """Shown this once."""

    password: str


@get("/api-keys", operation_id="listApiKeys", summary="List API keys", tags=TAGS, opt=ADMIN)
async def list_keys(desk: TheDesk, asker: Asker) -> Items[ApiKeyView]:
    """All keys, without their secrets."""
    return Items(items=[_key(k) for k in await desk.services.access.keys(asker.operator)])


@post("/api-keys", operation_id="makeApiKey", summary="Make an API key", tags=TAGS, opt=ADMIN)
async def make_key(desk: TheDesk, asker: Asker, data: JSONBody[NewApiKey]) -> MadeApiKey:
    """Make a key. Its secret is in the answer and nowhere else."""
    key, secret = await desk.services.access.add_key(
        asker.operator,
        data.name,
        tuple(data.scopes),
        expires_at=aware(data.expires_at, "expires_at"),
    )
    return MadeApiKey(key=_key(key), secret=secret)


@delete(
    "/api-keys/{key:str}",
    operation_id="revokeApiKey",
    summary="Revoke an API key",
    tags=TAGS,
    opt=ADMIN,
)
async def revoke_key(desk: TheDesk, asker: Asker, key: Key) -> None:
    """It stops working at once; streams opened with it end within a minute."""
    number = row_id(key)
    if number is None:
        raise NotFound("There is no such API key.")
    await desk.services.access.remove_key(asker.operator, ApiKeyId(number))


@get("/users", operation_id="listUsers", summary="List people", tags=TAGS, opt=ADMIN)
async def list_users(desk: TheDesk, asker: Asker) -> Items[UserView]:
    """Who may sign in to the console."""
    return Items(items=[_user(u) for u in await desk.services.access.users(asker.operator)])


@post("/users", operation_id="addUser", summary="Add a person", tags=TAGS, opt=ADMIN)
async def add_user(desk: TheDesk, asker: Asker, data: JSONBody[NewUser]) -> Response[AddedUser]:
    """Add somebody who may sign in to the console."""
    user, password = await desk.services.access.add_user(
        asker.operator, data.name, data.password, role=data.role
    )
    return Response(AddedUser(user=_user(user), password=password))


@post(
    "/users/{name:str}/password",
    operation_id="setUserPassword",
    summary="Set or make a person's password",
    tags=TAGS,
    opt=ADMIN,
    status_code=200,
)
async def set_user_password(
    desk: TheDesk, asker: Asker, name: UserName, data: JSONBody[NewUserPassword | None] = None
) -> UserPassword:
    """All browsers of that person are signed out."""
    wanted = data.password if data is not None else None
    return UserPassword(
        password=await desk.services.access.set_password(asker.operator, name, wanted)
    )


@delete(
    "/users/{name:str}",
    operation_id="removeUser",
    summary="Remove a person",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_user(desk: TheDesk, asker: Asker, name: UserName) -> None:
    """The last administrator stays."""
    await desk.services.access.remove_user(asker.operator, name)


def _key(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=str(key.id),
        name=key.name,
        hint=key.hint,
        scopes=list(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
    )


def _user(user: User) -> UserView:
    return UserView(
        id=str(user.id),
        name=user.name,
        role=user.role,
        language=user.language,
        disabled=user.disabled,
        created_at=user.created_at,
    )


ROUTES = (
    list_keys,
    make_key,
    revoke_key,
    list_users,
    add_user,
    set_user_password,
    remove_user,
)
