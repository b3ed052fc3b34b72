"""Every error is a problem, says what is wrong, and tells nothing of the inside."""

from __future__ import annotations

import pytest

from releve.services.ports import StoreFailed
from tests.unit.api.api_kit import House

JSON = {"content-type": "application/json"}
FIELDS = {"type", "title", "status", "detail", "errors"}


def is_problem(answer, status, word):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told.keys() == FIELDS
    assert (told["status"], told["type"]) == (status, f"urn:releve:problem:{word}")
    assert told["detail"]
    return told


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1", "/api/v2/stations", "/api/v1/stations/CP-1/x/y"]
)
async def test_an_address_that_is_none(house: House, path):
    is_problem(await house.client.get(path), 404, "not-found")


async def test_a_page_that_is_none_is_not_the_apis(house: House):
    answer = await house.client.get("/apiary")
    assert (answer.status_code, answer.text) == (404, "a page")


async def test_a_method_that_is_not_taken_names_those_that_are(house: House):
    answer = await house.client.put("/api/v1/stations/CP-1", json={})
    is_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "DELETE, GET, OPTIONS, PATCH"


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        (b"{nope", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"identity": ' + b"[" * 100_000, 400, "malformed"),
        (b'"' + b"a" * 1_100_000 + b'"', 413, "too-large"),
        (b"", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'{"identity": "A", "identity": 1}', 422, "invalid"),
    ],
)
async def test_a_body_that_cannot_be_read(house: House, body, status, word):
    is_problem(
        await house.client.post("/api/v1/stations", content=body, headers=JSON), status, word
    )


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("limit=0", "limit", ">= 1"),
        ("limit=501", "limit", "<= 500"),
        ("limit=many", "limit", "int"),
        ("state=odd", "state", "odd"),
        ("sate=active", "sate", "It takes after, evse, held"),
        ("since=yesterday", "since", "datetime"),
        ("since=2027-01-01T00:00:00", "since", "zone"),
        ("search=%00", "search", "NUL"),
        ("search=" + "a" * 201, "search", "200"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(house: House, query, field, says):
    told = is_problem(await house.client.get(f"/api/v1/transactions?{query}"), 422, "invalid")
    assert told["errors"][0]["field"] == field
    assert says in told["errors"][0]["message"]


async def test_a_field_deep_inside_is_named(house: House):
    await house.add_station()
    body = {"values": [{"variable": "a", "value": "1"}, {"variable": "b", "value": 2, "odd": 1}]}
    answer = await house.client.post("/api/v1/stations/CP-1/variables/write", json=body)
    assert is_problem(answer, 422, "invalid")["errors"][0]["field"] == "values[1].value"


async def test_the_store_that_takes_nothing(house: House, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise StoreFailed("disk full on /dev/sda1")

    key = await house.client.get("/api/v1/whoami")
    assert key.status_code == 200
    monkeypatch.setattr(house.store.catalogue.__class__, "tokens", refuse)
    answer = await house.client.get("/api/v1/tokens")
    is_problem(answer, 503, "store-failed")
    assert answer.headers["retry-after"] == "5"
    assert "sda1" not in answer.text


async def test_a_bug_tells_nothing_of_the_inside(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog
):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(house.store.catalogue.__class__, "summary", broken)
    answer = await house.client.get("/api/v1/summary")
    is_problem(answer, 500, "broken")
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text
