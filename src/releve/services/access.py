"""People and API keys: who may see and do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol, TypeVar

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from releve.domain.ids import ApiKeyId, OperatorId, UserId
from releve.services.errors import Denied, Invalid, NotFound, Taken
from releve.services.ports import ApiKey, Clock, Conflict, Ids, SignIn, Store, User

SCOPES = ("read", "control", "admin")
"""read: see everything. control: also command stations and resolve anomalies. admin: also registers, users and keys."""
ROLES: dict[str, tuple[str, ...]] = {
    "viewer": ("read",),
    "operator": ("read", "control"),
    "admin": ("read", "control", "admin"),
}
KEY_PREFIX = "rlv_"
T = TypeVar("T")
SESSION_LIFE = timedelta(days=14)
SHORTEST_PASSWORD = 10


class Offload(Protocol):
    """Runs the 100 ms that Argon2 takes away from the event loop."""

    async def __call__(self, work: Callable[[], T], /) -> T: ...


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. name is what records show."""

    operator: OperatorId
    name: str
    scopes: tuple[str, ...]
    user: UserId | None = None
    key: ApiKeyId | None = None
    language: str = ""

    @property
    def account(self) -> str:
        """What limits are counted by: the person or the key, whatever they are called."""
        return f"{self.operator}/{self.user or self.key or self.name}"

    def require(self, scope: str) -> None:
        """Raise Denied unless this scope is held."""
        if scope not in self.scopes:
            raise Denied(f"This needs the permission “{scope}”.")


_decoys: dict[tuple[int, int, int], str] = {}


def _decoy(hasher: PasswordHasher) -> str:
    """What a password of nobody is held against, so that it takes as long; made once a process for each strength."""
    strength = (hasher.time_cost, hasher.memory_cost, hasher.parallelism)
    if strength not in _decoys:
        _decoys[strength] = hasher.hash("nobody has this password")
    return _decoys[strength]


class AccessControl:
    """Signs people in and out, and knows what each may do."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, offload: Offload) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._offload = offload
        self._hasher = PasswordHasher()
        self._decoy = _decoy(self._hasher)

    # --- people -------------------------------------------------------------------------------------------------

    async def add_user(
        self, operator: OperatorId, name: str, password: str | None = None, *, role: str = "admin"
    ) -> tuple[User, str]:
        """Add a person; also the password, generated when none is given."""
        name = name.strip()
        if not 1 <= len(name) <= 100:
            raise Invalid("A user name has 1 to 100 characters.", field="name")
        if role not in ROLES:
            raise Invalid(f"The role is one of {', '.join(ROLES)}.", field="role")
        password = password or self._ids.secret(16)
        user = User(
            id=UserId(self._ids.next()),
            operator=operator,
            name=name,
            password=await self._hash(password),
            role=role,
            created_at=self._clock.now(),
        )
        try:
            async with self._store.work(operator) as work:
                work.access.add_user(user)
        except Conflict as conflict:
            raise Taken(f"There is a user named {name} already.", field="name") from conflict
        return user, password

    async def set_password(
        self, operator: OperatorId, name: str, password: str | None = None
    ) -> str:
        """Set or generate a person's password; all their browsers are signed out."""
        user = await self._named(operator, name)
        password = password or self._ids.secret(16)
        hashed = await self._hash(password)
        async with self._store.work(operator) as work:
            work.access.save_user(msgspec.structs.replace(user, password=hashed))
            work.access.end_sign_ins_of(user.id)
        return password

    async def remove_user(self, operator: OperatorId, name: str) -> None:
        """Remove a person; the last administrator stays."""
        user = await self._named(operator, name)
        async with self._store.work(operator) as work:
            admins = [u for u in await work.access.users() if u.role == "admin"]
            if admins == [user]:
                raise Denied("The last administrator cannot be removed.")
            work.access.end_sign_ins_of(user.id)
            work.access.remove_user(user.id)

    async def users(self, operator: OperatorId) -> list[User]:
        async with self._store.work(operator) as work:
            return await work.access.users()

    async def set_language(self, principal: Principal, language: str) -> None:
        """Remember the language of a person's pages."""
        if principal.user is None:
            return
        async with self._store.work(principal.operator) as work:
            user = await work.access.user(principal.user)
            if user is not None:
                work.access.save_user(msgspec.structs.replace(user, language=language))

    async def _named(self, operator: OperatorId, name: str) -> User:
        async with self._store.work(operator) as work:
            user = await work.access.user_named(name)
        if user is None or user.operator != operator:
            raise NotFound(f"There is no user named {name}.")
        return user

    async def _hash(self, password: str) -> str:
        if len(password) < SHORTEST_PASSWORD:
            raise Invalid(
                f"A password has at least {SHORTEST_PASSWORD} characters.", field="password"
            )
        return await self._offload(lambda: self._hasher.hash(password))

    # --- browsers -----------------------------------------------------------------------------------------------

    async def sign_in(
        self, operator: OperatorId, name: str, password: str
    ) -> tuple[str, Principal] | None:
        """The secret for the browser's cookie and who it is; None when name and password do not match.

        An unknown name takes as long to refuse as a wrong password.
        """
        async with self._store.work(operator) as work:
            user = await work.access.user_named(name.strip())
        stored = user.password if user is not None else self._decoy
        right = await self._offload(lambda: self._matches(stored, password))
        if user is None or not right or user.disabled:
            return None
        secret = self._ids.secret(43)
        now = self._clock.now()
        async with self._store.work(user.operator) as work:
            work.access.add_sign_in(
                SignIn(
                    digest=_digest(secret),
                    user=user.id,
                    operator=user.operator,
                    created_at=now,
                    expires_at=now + SESSION_LIFE,
                )
            )
        return secret, _principal(user)

    async def browser(self, operator: OperatorId, secret: str) -> Principal | None:
        """Who sits at a browser with this cookie; None when the session has ended."""
        async with self._store.work(operator) as work:
            sign_in = await work.access.sign_in(_digest(secret))
            if sign_in is None or sign_in.expires_at <= self._clock.now():
                return None
            user = await work.access.user(sign_in.user)
        return _principal(user) if user is not None and not user.disabled else None

    async def sign_out(self, operator: OperatorId, secret: str) -> None:
        async with self._store.work(operator) as work:
            work.access.end_sign_in(_digest(secret))

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    # --- API keys -----------------------------------------------------------------------------------------------

    async def add_key(
        self,
        operator: OperatorId,
        name: str,
        scopes: tuple[str, ...],
        *,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """Make an API key; also its secret, which is shown once and kept only as a digest."""
        wrong = [s for s in scopes if s not in SCOPES]
        if wrong or not scopes:
            raise Invalid(f"Scopes are some of {', '.join(SCOPES)}.", field="scopes")
        if expires_at is not None and expires_at <= self._clock.now():
            raise Invalid("The key would have expired already.", field="expires_at")
        if not 1 <= len(name.strip()) <= 100:
            raise Invalid("A key's name has 1 to 100 characters.", field="name")
        secret = KEY_PREFIX + self._ids.secret(40)
        key = ApiKey(
            id=ApiKeyId(self._ids.next()),
            operator=operator,
            name=name.strip(),
            digest=_digest(secret),
            hint=secret[: len(KEY_PREFIX) + 4],
            scopes=tuple(s for s in SCOPES if s in scopes),
            created_at=self._clock.now(),
            expires_at=expires_at,
        )
        async with self._store.work(operator) as work:
            work.access.add_api_key(key)
        return key, secret

    async def keys(self, operator: OperatorId) -> list[ApiKey]:
        async with self._store.work(operator) as work:
            return await work.access.api_keys()

    async def remove_key(self, operator: OperatorId, key: ApiKeyId) -> None:
        """Revoke a key, at once."""
        async with self._store.work(operator) as work:
            if all(k.id != key for k in await work.access.api_keys()):
                raise NotFound("There is no such API key.")
            work.access.remove_api_key(key)

    async def key_holder(self, operator: OperatorId, secret: str) -> Principal | None:
        """Who holds this API key; None when it is unknown or expired."""
        if not secret.startswith(KEY_PREFIX):
            return None
        async with self._store.work(operator) as work:
            key = await work.access.api_key(_digest(secret))
        if key is None or (key.expires_at is not None and key.expires_at <= self._clock.now()):
            return None
        held = ROLES["admin"][: SCOPES.index(key.scopes[-1]) + 1]
        return Principal(operator=key.operator, name=f"key {key.name}", scopes=held, key=key.id)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _principal(user: User) -> Principal:
    return Principal(
        operator=user.operator,
        name=user.name,
        scopes=ROLES.get(user.role, ()),
        user=user.id,
        language=user.language,
    )
