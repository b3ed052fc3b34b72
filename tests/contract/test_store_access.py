"""Tokens, users and keys; and what is said when a key is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec
import pytest

from releve.domain.token import IdToken
from releve.services.ports import Conflict
from tests.support.stores import (
    NOW,
    ONE,
    api_key,
    sign_in,
    station,
    token,
    transaction,
    user,
)

LATER = NOW + timedelta(minutes=5)


async def test_tokens_are_found_by_value_whatever_the_case(store):
    card = token("DeadBeef", type="ISO14443", group="G", expires_at=LATER, label="Ada")
    app = token("deadbeef", type="Central", blocked=True, master=True, concurrent=True)
    async with store.work(ONE) as work:
        work.tokens.add(card)
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("DEADBEEF", "KeyCode")) == card, "judged by a rule"
        work.tokens.add(app)
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("DEADBEEF", "iso14443")) == card
        assert await work.tokens.find(IdToken("DEADBEEF", "Central")) == app
        assert await work.tokens.find(IdToken("DEADBEEF", "eMAID")) is None
        assert await work.tokens.find(IdToken("DEADBEEF", "")) == card
        assert await work.tokens.get(app.id) == app


async def test_a_changed_token_is_found_changed_at_once(store):
    card = token("A1")
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("A1")) is None
        work.tokens.add(card)
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("A1")) == card
        blocked = msgspec.structs.replace(card, blocked=True)
        work.tokens.save(blocked)
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("A1")) == blocked
        renamed = msgspec.structs.replace(blocked, value="B2")
        work.tokens.save(renamed)
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("A1")) is None
        assert await work.tokens.find(IdToken("b2")) == renamed
        work.tokens.remove(card.id)
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("B2")) is None
        assert await work.tokens.get(card.id) is None


async def test_users_sign_ins_and_keys(store):
    ada, key = user("ada"), api_key()
    async with store.work(ONE) as work:
        work.access.add_user(ada)
        work.access.add_sign_in(sign_in(ada))
        work.access.add_sign_in(sign_in(ada, "second"))
        work.access.add_api_key(key)
    async with store.work(ONE) as work:
        assert await work.access.user(ada.id) == ada
        assert await work.access.user_named("ada") == ada
        assert await work.access.users() == [ada]
        assert await work.access.sign_in("cookie") == sign_in(ada)
        assert await work.access.api_key("key") == key
        assert await work.access.api_keys() == [key]
        work.access.end_sign_in("cookie")
        work.access.remove_api_key(key.id)
        changed = msgspec.structs.replace(ada, role="viewer", disabled=True)
        work.access.save_user(changed)
    async with store.work(ONE) as work:
        assert await work.access.user(ada.id) == changed
        assert await work.access.sign_in("cookie") is None
        assert await work.access.api_key("key") is None
        assert await work.access.sign_in("second") is not None
        work.access.end_sign_ins_of(ada.id)
    async with store.work(ONE) as work:
        assert await work.access.sign_in("second") is None
        work.access.add_sign_in(sign_in(ada, "third"))
    async with store.work(ONE) as work:
        work.access.remove_user(ada.id)
    async with store.work(ONE) as work:
        assert await work.access.users() == []
        assert await work.access.sign_in("third") is None, "a removed user is signed out"


@dataclass
class _Twice:
    what: str
    add: object


@pytest.mark.parametrize(
    "twice",
    [
        _Twice("station identity", lambda w, s: [w.stations.add(station("X")) for _ in "ab"]),
        _Twice("token", lambda w, s: [w.tokens.add(token(v)) for v in ("X", "x")]),
        _Twice("user name", lambda w, s: [w.access.add_user(user("x")) for _ in "ab"]),
        _Twice("API key", lambda w, s: [w.access.add_api_key(api_key("x")) for _ in "ab"]),
        _Twice(
            "transaction reference",
            lambda w, s: [w.transactions.add(transaction(s.id, "7")) for _ in "ab"],
        ),
    ],
    ids=lambda twice: twice.what,
)
async def test_a_taken_key_is_named(store, twice):
    one = station()
    async with store.work(ONE) as work:
        work.stations.add(one)
    with pytest.raises(Conflict) as caught:
        async with store.work(ONE) as work:
            twice.add(work, one)
    assert caught.value.what == twice.what
    assert store.stats.refused_units == 1


async def test_a_value_taken_back_within_one_unit_is_free(store):
    """Grouping by statement would add before it removes; the strict order must be found."""
    first, second = token("A"), token("B")
    async with store.work(ONE) as work:
        work.tokens.add(first)
    async with store.work(ONE) as work:
        work.tokens.add(second)
        work.tokens.remove(first.id)
        again = token("a")
        work.tokens.add(again)
    async with store.work(ONE) as work:
        assert await work.tokens.find(IdToken("A")) == again
        assert await work.tokens.get(second.id) == second
