"""People, their browsers' sessions, and API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from releve.domain.ids import ApiKeyId, OperatorId, UserId


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: UserId
    operator: OperatorId
    name: str
    password: str
    """Argon2id hash."""
    role: str = "admin"
    """admin (everything), operator (see and control), viewer (see)."""
    language: str = ""
    disabled: bool = False
    created_at: datetime


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """A browser's session. `digest`: SHA-256 of the cookie's secret, hex."""

    digest: str
    user: UserId
    operator: OperatorId
    created_at: datetime
    expires_at: datetime


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`digest`: SHA-256 of the key, hex. scopes: read, control, admin."""

    id: ApiKeyId
    operator: OperatorId
    name: str
    digest: str
    hint: str
    """The key's first characters, to tell keys apart in lists."""
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None


class Access(Protocol):
    async def user(self, user: UserId) -> User | None: ...
    async def user_named(
        self, name: str
    ) -> User | None: ...  # any operator: names are unique in the install
    async def users(self) -> list[User]: ...
    def add_user(self, user: User) -> None: ...
    def save_user(self, user: User) -> None: ...
    def remove_user(self, user: UserId) -> None: ...
    async def sign_in(self, digest: str) -> SignIn | None: ...  # any operator: the result names it
    def add_sign_in(self, sign_in: SignIn) -> None: ...
    def end_sign_in(self, digest: str) -> None: ...
    def end_sign_ins_of(self, user: UserId) -> None: ...
    async def api_key(self, digest: str) -> ApiKey | None: ...  # any operator: the result names it
    async def api_keys(self) -> list[ApiKey]: ...
    def add_api_key(self, key: ApiKey) -> None: ...
    def remove_api_key(self, key: ApiKeyId) -> None: ...
