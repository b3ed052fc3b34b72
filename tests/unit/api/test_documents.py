"""The OpenAPI document and its page."""

from __future__ import annotations

import re

import jsonschema_rs
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from releve.api import openapi_document
from releve.api.documents import REF, _schemas, public_name
from releve.api.examples import EXAMPLES
from releve.api.page import FILES
from releve.api.router import ROUTES
from releve.api.tokens import TokenType
from releve.services.tokens import TYPES
from tests.unit.api.api_kit import House


@pytest.fixture(scope="module")
def document():
    return openapi_document()


def test_the_document_is_valid(document):
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_every_reference_leads_somewhere(document):
    text = msgspec.json.encode(document).decode()
    references = set(re.findall(rf'"{REF}([^"]+)"', text))
    assert references
    assert references <= document["components"]["schemas"].keys()
    assert "_" not in "".join(document["components"]["schemas"])
    assert "litestar" not in text.lower()


def test_no_two_types_share_a_public_name():
    """Else the document would show one for the other."""
    names = [public_name(name) for name in _schemas()]
    assert sorted(names) == sorted(set(names))


def test_every_operation_explains_itself(document):
    operations = [o for path in document["paths"].values() for o in path.values()]
    assert len(operations) == len(ROUTES) + 3
    ids = [o["operationId"] for o in operations]
    assert len(set(ids)) == len(ids)
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations:
        assert operation["summary"], operation
        assert len(operation["description"]) > 20, operation
        assert set(operation["tags"]) <= tags
        success = next(r for s, r in operation["responses"].items() if s.startswith("2"))
        assert "content" in success or "204" in operation["responses"], operation["operationId"]


@pytest.mark.parametrize("struct", EXAMPLES, ids=lambda struct: struct.__name__)
def test_an_example_is_one_of_its_type(document, struct):
    msgspec.convert(EXAMPLES[struct], struct)
    schemas = document["components"]["schemas"]
    shown = schemas[public_name(struct.__name__)]
    assert shown["examples"] == [EXAMPLES[struct]]
    strict = struct.__struct_config__.forbid_unknown_fields
    if strict:  # what we send has every field; examples of it show the telling ones
        whole = {**shown, "components": document["components"]}
        jsonschema_rs.validator_for(whole).validate(EXAMPLES[struct])


def test_a_body_that_may_be_absent_is_not_required(document):
    start = document["paths"]["/api/v1/stations/{station}/start"]["post"]["requestBody"]
    assert start["required"] is False
    assert document["paths"]["/api/v1/stations"]["post"]["requestBody"]["required"] is True


def test_times_and_wholeness_are_told(document):
    schemas = document["components"]["schemas"]
    assert schemas["Station"]["properties"]["created_at"]["anyOf"][0]["format"] == "date-time"
    assert "evses" in schemas["Station"]["required"]
    assert schemas["NewStation"]["required"] == ["identity"]
    assert schemas["NewStation"]["additionalProperties"] is False
    assert schemas["StationPage"]["properties"]["items"]["items"] == {"$ref": REF + "Station"}


def test_the_types_of_tokens_are_those_of_the_register():
    (meta,) = TokenType.__metadata__
    assert all(kind in meta.description for kind in TYPES)


async def test_the_page_asks_only_this_server(house: House):
    del house.client.headers["authorization"]
    page = await house.client.get("/api/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    places = re.findall(r'(?:src|href|data-document)="([^"]+)"', page.text)
    assert len(places) >= 6
    for place in places:
        if place == "data:,":  # no icon, instead of a request for one
            continue
        assert place.startswith("/api/")
        answer = await house.client.get(place, headers={"accept-encoding": "identity"})
        assert answer.status_code == 200, place
        assert len(answer.content) > 50


async def test_the_page_is_sent_compressed(house: House):
    name = "vendor/swagger-ui.css"
    answer = await house.client.get(f"/api/docs/files/{name}", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == (FILES / name).read_bytes()


@pytest.mark.parametrize(
    "path", ["/api/docs/files/nothing.js", "/api/docs/files/../page.py", "/api/schema"]
)
async def test_nothing_else_is_served_beside_it(house: House, path):
    answer = await house.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_served_document_is_the_exported_one(house: House, document):
    served = await house.client.get("/api/openapi.json")
    assert served.json() == msgspec.json.decode(msgspec.json.encode(document))
