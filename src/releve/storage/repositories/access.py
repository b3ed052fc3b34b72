"""Users, their sign-ins, and API keys.

Who is asking is found before their operator is known: a user by name, a sign-in or a key by the digest of its secret.
These three look in the whole install, and what they find names its operator. Everything else is bound to one.
"""

from __future__ import annotations

from sqlalchemy import select

from releve.domain.ids import ApiKeyId, UserId
from releve.services.ports import ApiKey, SignIn, User
from releve.storage.mapping import Mapper
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import api_keys, sign_ins, users
from releve.storage.writes import delete, insert, update

USER = Mapper(User)
SIGN_IN = Mapper(SignIn)
API_KEY = Mapper(ApiKey)
_OWN = ("id", "operator_id")

ADD_USER = insert(users, USER.columns)
SAVE_USER = update(users, _OWN, USER.columns[2:])
REMOVE_USER = delete(users, _OWN)  # their sign-ins go with them
ADD_SIGN_IN = insert(sign_ins, SIGN_IN.columns)
END_SIGN_IN = delete(sign_ins, ("digest", "operator_id"))
END_SIGN_INS_OF = delete(sign_ins, ("user_id", "operator_id"))
ADD_API_KEY = insert(api_keys, API_KEY.columns)
REMOVE_API_KEY = delete(api_keys, _OWN)

_ANY_USER = select(*(users.c[name] for name in USER.columns))
_USERS = _ANY_USER.where(users.c.operator_id == value("operator"))
_KEYS = select(*(api_keys.c[name] for name in API_KEY.columns))
USER_BY_ID = Query(_USERS.where(users.c.id == value("user")))
USER_BY_NAME = Query(_ANY_USER.where(users.c.name == value("name")))
USERS = Query(_USERS.order_by(users.c.name))
SIGN_IN_BY_DIGEST = Query(
    select(*(sign_ins.c[name] for name in SIGN_IN.columns)).where(
        sign_ins.c.digest == value("digest")
    )
)
KEY_BY_DIGEST = Query(_KEYS.where(api_keys.c.digest == value("digest")))
KEYS = Query(_KEYS.where(api_keys.c.operator_id == value("operator")).order_by(api_keys.c.id))


class StoredAccess(Repository):
    """Implements `services.ports.Access`."""

    __slots__ = ()

    async def user(self, user: UserId) -> User | None:
        """The user with this row id."""
        row = await self._row(USER_BY_ID, user=user)
        return USER.decode(row) if row else None

    async def user_named(self, name: str) -> User | None:
        """The user of this name, of any operator."""
        row = await self._row(USER_BY_NAME, name=name)
        return USER.decode(row) if row else None

    async def users(self) -> list[User]:
        """By name."""
        return [USER.decode(row) for row in await self._rows(USERS)]

    def add_user(self, user: User) -> None:
        """Add one. Conflict at commit when the name is taken, by any operator's."""
        self._own(user.operator)
        self._unit.write(ADD_USER, USER.encode(user), user.id)

    def save_user(self, user: User) -> None:
        """Replace all but id and operator."""
        self._own(user.operator)
        self._unit.write(SAVE_USER, USER.encode(user), user.id)

    def remove_user(self, user: UserId) -> None:
        """Remove one, and end their sign-ins."""
        self._unit.write(REMOVE_USER, (user, self._operator), user)

    async def sign_in(self, digest: str) -> SignIn | None:
        """The sign-in with this digest, of any operator, expired or not."""
        row = await self._row(SIGN_IN_BY_DIGEST, digest=digest)
        return SIGN_IN.decode(row) if row else None

    def add_sign_in(self, sign_in: SignIn) -> None:
        """Add one."""
        self._own(sign_in.operator)
        self._unit.write(ADD_SIGN_IN, SIGN_IN.encode(sign_in), sign_in.digest)

    def end_sign_in(self, digest: str) -> None:
        """End one."""
        self._unit.write(END_SIGN_IN, (digest, self._operator), digest)

    def end_sign_ins_of(self, user: UserId) -> None:
        """End all of a user."""
        self._unit.write(END_SIGN_INS_OF, (user, self._operator), user)

    async def api_key(self, digest: str) -> ApiKey | None:
        """The key with this digest, of any operator, expired or not."""
        row = await self._row(KEY_BY_DIGEST, digest=digest)
        return API_KEY.decode(row) if row else None

    async def api_keys(self) -> list[ApiKey]:
        """Oldest first."""
        return [API_KEY.decode(row) for row in await self._rows(KEYS)]

    def add_api_key(self, key: ApiKey) -> None:
        """Add one."""
        self._own(key.operator)
        self._unit.write(ADD_API_KEY, API_KEY.encode(key), key.id)

    def remove_api_key(self, key: ApiKeyId) -> None:
        """Remove one."""
        self._unit.write(REMOVE_API_KEY, (key, self._operator), key)
