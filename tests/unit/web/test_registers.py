"""Inbox, tokens, people and keys."""

from __future__ import annotations

import re

import httpx

from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.station import BootDecision
from tests.support.console import opened

from .conftest import ORIGIN, Person, read

WAITING = {"quarantined": True, "boot": BootDecision.PENDING, "registered": False}


async def test_the_inbox_says_how_to_open_it(ada):
    assert "RELEVE_UNKNOWN_STATIONS=quarantine" in read(await ada.get("/inbox"))


async def test_the_inbox_says_where_to_point_a_station(tmp_path):
    async with opened(tmp_path, unknown_stations="quarantine") as console:
        transport = httpx.ASGITransport(console.app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            person = Person(client)
            await person.sign_in("vera")
            text = read(await person.get("/inbox"))
    assert "ws://localhost:9000/ocpp/…" in text
    assert "turned away" not in text


async def test_an_unknown_station_is_accepted_with_a_name(ada, console):
    inbound = await console.connected("CP-9", vendor="Wallbox", **WAITING)
    assert "Wallbox" in read(await ada.get("/inbox"))
    answer = await ada.post(f"/inbox/{inbound.station.id}/accept", name="South")
    assert answer.headers["location"] == f"/stations/{inbound.station.id}"
    kept = await console.desk.catalogue.station(DEFAULT_OPERATOR, "CP-9")
    assert (kept.name, kept.quarantined, kept.boot) == ("South", False, "Accepted")
    again = await ada.post(f"/inbox/{inbound.station.id}/accept")
    assert again.status_code == 422


async def test_an_unknown_station_is_forgotten(ada, console):
    inbound = await console.connected("CP-9", **WAITING)
    await ada.post(f"/inbox/{inbound.station.id}/remove")
    assert "The inbox is empty" in read(await ada.part("/inbox"))


async def test_a_token_is_added_edited_and_removed(ada, console):
    form = {
        "value": "04AA",
        "type": "ISO14443",
        "label": "Ada",
        "group": "family",
        "expires_at": "",
    }
    ada.client.cookies.set("releve-zone", "Europe%2FParis")
    answer = await ada.post("/tokens/new", **form, concurrent="yes")
    assert answer.status_code == 303
    (token,) = (await console.desk.catalogue.tokens(DEFAULT_OPERATOR)).items
    assert (token.value, token.label, token.group, token.concurrent) == (
        "04AA",
        "Ada",
        "family",
        True,
    )

    page = await ada.get(f"/tokens/{token.id}")
    assert 'value="Ada"' in page.text
    changed = {"label": "Ada L.", "group": "", "expires_at": "2030-07-01T12:00"}
    assert (await ada.post(f"/tokens/{token.id}", **changed)).status_code == 303
    kept = await console.desk.catalogue.token(DEFAULT_OPERATOR, token.id)
    assert (kept.label, kept.group, kept.concurrent) == ("Ada L.", None, False)
    assert kept.expires_at.isoformat() == "2030-07-01T10:00:00+00:00"
    assert 'value="2030-07-01T12:00"' in (await ada.get(f"/tokens/{token.id}")).text

    assert (await ada.post(f"/tokens/{token.id}/remove")).status_code == 303
    assert "No token yet" in read(await ada.get("/tokens"))


async def test_a_wrong_token_says_what_is_wrong(ada, console):
    await console.desk.services.tokens.add(DEFAULT_OPERATOR, "04AA")
    for form, words in [
        ({"value": "", "type": "ISO14443"}, "This is needed."),
        ({"value": "04aa", "type": "ISO14443"}, "The token 04aa is registered already."),
        ({"value": "X", "type": "Nope"}, "Choose one of the list."),
        ({"value": "X", "type": "Local", "expires_at": "soon"}, "This is not a date and time."),
        (
            {"value": "X", "type": "Local", "group": "g" * 40},
            "The group has at most 36 characters.",
        ),
    ]:
        answer = await ada.post("/tokens/new", **form)
        assert answer.status_code == 422
        assert words in read(answer)


async def test_a_token_is_blocked_in_its_row(ada, console):
    token = await console.desk.services.tokens.add(DEFAULT_OPERATOR, "04AA")
    row = await ada.post(f"/tokens/{token.id}/block", blocked="yes")
    assert "Blocked" in read(row)
    assert "<html" not in row.text
    assert "May charge" in read(await ada.post(f"/tokens/{token.id}/block", blocked="no"))


async def test_tokens_are_searched(ada, console):
    for value, label in (("04AA", "Ada"), ("04BB", "Bob")):
        await console.desk.services.tokens.add(DEFAULT_OPERATOR, value, label=label)
    part = await ada.part("/tokens?search=bob")
    assert "04BB" in part.text
    assert "04AA" not in part.text
    assert "No token fits" in read(await ada.part("/tokens?search=zz"))
    assert (await ada.get("/tokens/1")).status_code == 404


def secret_of(answer) -> str:
    return re.search(r'id="secret"[^>]*value="(\w+)"', answer.text).group(1)


async def test_a_person_is_added_and_can_sign_in(ada, console):
    answer = await ada.post("/access/users", name="carl", role="viewer")
    password = secret_of(answer)
    assert password not in (await ada.get("/access")).text
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(console.app), base_url=ORIGIN
    ) as client:
        assert (await Person(client).sign_in("carl", password)).status_code == 303
    renewed = secret_of(await ada.post("/access/users/password", name="carl"))
    assert renewed != password
    await ada.post("/access/users/remove", name="carl")
    assert "carl" not in read(await ada.get("/access"))


async def test_people_are_refused_for_reasons(ada):
    for form, words in [
        ({"name": "olga", "role": "viewer"}, "There is a user named olga already."),
        ({"name": "", "role": "viewer"}, "This is needed."),
        ({"name": "x", "role": "king"}, "Choose one of the list."),
    ]:
        answer = await ada.post("/access/users", **form)
        assert answer.status_code == 422
        assert words in read(answer)
    last = await ada.post("/access/users/remove", name="ada")
    assert last.status_code == 422
    assert "The last administrator cannot be removed." in read(last)
    assert (await ada.post("/access/users/remove", name="nobody")).status_code == 404


async def test_an_api_key_is_made_shown_once_and_revoked(ada, console):
    answer = await ada.post("/access/keys", name="grafana", scope="control")
    secret = secret_of(answer)
    access = console.desk.services.access
    assert (await access.key_holder(DEFAULT_OPERATOR, secret)).scopes == ("read", "control")
    page = await ada.get("/access")
    assert secret not in page.text
    assert "grafana" in page.text
    revoke = re.search(r"/access/keys/\d+/revoke", page.text).group()
    assert (await ada.post(revoke)).status_code == 303
    assert await access.key_holder(DEFAULT_OPERATOR, secret) is None
    assert (await ada.post("/access/keys/1/revoke")).status_code == 404
    assert (await ada.post("/access/keys/x/revoke")).status_code == 404
    assert (await ada.post("/access/keys", name="", scope="read")).status_code == 422
