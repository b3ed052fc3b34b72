"""People and keys over HTTP."""

from __future__ import annotations

import pytest

from tests.support.stores import ONE
from tests.unit.api.api_kit import House


async def test_a_key_is_made_listed_and_revoked(house: House):
    new = {"name": "dashboard", "scopes": ["control", "read"], "expires_at": "2030-01-01T00:00:00Z"}
    made = await house.post("/api-keys", new, 201)
    assert made["secret"].startswith(made["key"]["hint"])
    assert made["key"]["scopes"] == ["read", "control"]
    listed = (await house.get("/api-keys"))["items"]
    assert made["key"] in listed
    assert (await house.client.delete(f"/api/v1/api-keys/{made['key']['id']}")).status_code == 204
    assert made["key"] not in (await house.get("/api-keys"))["items"]
    for none in (made["key"]["id"], "x", "0", "9" * 20):
        assert (await house.client.delete(f"/api/v1/api-keys/{none}")).status_code == 404


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "k", "scopes": []}, "scopes"),
        ({"name": "k", "scopes": ["root"]}, "scopes[0]"),
        ({"name": "k"}, "scopes"),
    ],
)
async def test_what_a_key_cannot_be_is_said_by_field(house: House, new, field):
    answer = await house.client.post("/api/v1/api-keys", json=new)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_person_is_added_gets_a_password_and_leaves(house: House):
    added = await house.post("/users", {"name": "ada", "role": "viewer"}, 201)
    access = house.desk.services.access
    assert await access.sign_in(ONE, "ada", added["password"]) is not None
    (listed,) = (await house.get("/users"))["items"]
    assert listed == added["user"]
    assert "password" not in listed
    assert (await house.client.post("/api/v1/users", json={"name": "ada"})).status_code == 409
    other = await house.post("/users/ada/password")
    assert await access.sign_in(ONE, "ada", added["password"]) is None
    assert await access.sign_in(ONE, "ada", other["password"]) is not None
    own = await house.post("/users/ada/password", {"password": "correct horse battery"})
    assert own == {"password": "correct horse battery"}
    short = await house.client.post("/api/v1/users/ada/password", json={"password": "short"})
    assert short.json()["errors"][0]["field"] == "password"
    assert (await house.client.delete("/api/v1/users/ada")).status_code == 204
    assert (await house.client.delete("/api/v1/users/ada")).status_code == 404


async def test_the_last_administrator_stays(house: House):
    await house.post("/users", {"name": "root", "role": "admin"}, 201)
    refused = await house.client.delete("/api/v1/users/root")
    assert refused.status_code == 403
    assert refused.json()["type"].endswith("denied")
