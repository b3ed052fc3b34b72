"""The OpenAPI document: the framework's paths, and schemas that msgspec derives from the types that it enforces."""

from __future__ import annotations

import re
from datetime import datetime
from http import HTTPStatus
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from litestar import Litestar, Response
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, License, Reference, SecurityScheme, Tag
from litestar.response import Stream

from releve import __version__
from releve.api.examples import EXAMPLES
from releve.api.page import documentation_pages, documentation_router
from releve.api.probes import Alive, Ready, probes
from releve.api.problems import MEDIA_TYPE, WORDS, Problem
from releve.api.router import PATH, ROUTES, router
from releve.domain.anomaly import AnomalyKind
from releve.domain.reservation import ReservationState
from releve.domain.station import BootDecision

REF = "#/components/schemas/"
DESCRIPTION = """\
Everything that the console shows and does, for programs.

* Ids are decimal text. Times are RFC 3339 with a zone. Units are in the names: `energy_wh`, `power_w`, `limit_a`.
* Lists answer `items` and `next`; give `next` as `after` to get the following page (also in the `Link` header).
* Errors are `application/problem+json` (RFC 9457), always with `type`, `title`, `status`, `detail`, `errors`.
* A station's answer is not an HTTP status: commands answer 200 with `result`, which tells apart what the station
  answered, its error, a timeout, and that it is offline.
* Unknown parameters and fields are refused, so that a misspelt filter cannot show everything.
"""
TAGS = {
    "Overview": "The numbers of now, and who asks.",
    "Stations": "The register of stations, the inbox of unknown ones, what is known of each.",
    "Commands": "What a person asks of a station, with the station's answer.",
    "Operations": "What was asked of stations and takes time: its progress, parts and end.",
    "Provisioning": "Reports of the device model, network profiles, and what is prepared for a boot.",
    "Certificates": "Certificates in stations, and the authorities that are trusted with cars and stations.",
    "Firmware": "Images and who signed them, updates of single stations, and rollouts over many.",
    "Monitoring": "What stations watch by themselves: their monitors, events, streams and logs.",
    "Files": "What stations handed in: logs, reports.",
    "Displays": "What stations show to drivers.",
    "Messages": "Every call from and to a station.",
    "Transactions": "The station's account of energy delivered.",
    "Reservations": "EVSEs that are kept free for somebody.",
    "Smart charging": "Charging profiles and limits, schedules, what stands behind an EVSE, when power is cheap.",
    "V2X": "Which cars may give energy back, and what the grid asks of them.",
    "DER controls": "What the grid's rules ask of stations that feed in.",
    "Battery swap": "Batteries that are handed out and taken in.",
    "Tariffs": "What energy, time and parking cost, for whom, and what stations know of it.",
    "Tokens": "What may charge.",
    "Payments": "What drivers pay without a contract, what was settled, QR codes.",
    "Customers": "What stations know of a person: told, or removed.",
    "Local lists": "What stations know of tokens when they cannot ask.",
    "Anomalies": "What did not fit, for people to see to.",
    "Security": "How stations prove who they are, and what they tell of their security.",
    "Certificate authority": "What signs stations' certificates, trust anchors, revocation lists, and the rules.",
    "Access": "People and API keys.",
    "Events": "Live changes.",
    "Machine room": "Health and metrics, without a key.",
}
FINDABLE = {"station", "transaction"}
"""Parameters that name a thing: 404 when there is none."""
FINDS = {"addPayment", "beginRollout", "showDisplayMessageAtMany", "uploadFirmware"}
"""Operations that name things in their bodies or queries: 404 as well."""
AS_XML = {"listSignedValues"}
"""Operations that answer XML when they are asked for it."""
PROBLEMS = {
    "400": "The body is not JSON.",
    "401": "No key or session, or one that is unknown, expired or revoked.",
    "403": "The scope is missing (`missing-scope`), or a browser's request came from another site.",
    "404": "There is no such thing, or it is another operator's.",
    "409": "It is taken already, or makes no sense in the present state.",
    "413": "The body is larger than 1 MiB.",
    "422": "A parameter or field is wrong or unknown; `errors` names it.",
    "429": "Too many wrong keys, commands or streams; `Retry-After` says when to come back.",
    "503": "The store takes nothing now. Nothing was changed.",
}
Json = dict[str, Any]
SCOPES = {route.operation_id: route.opt.get("scope", "read") for route in ROUTES}


def openapi_config() -> OpenAPIConfig:
    """For the application: the document at `/api/openapi.json`, its page at `/api/docs`."""
    schemes: dict[str, SecurityScheme | Reference] = {
        "key": SecurityScheme(type="http", scheme="bearer", description="An API key, `rlv_…`."),
        "session": SecurityScheme(
            type="apiKey",
            name="releve",
            security_scheme_in="cookie",
            description="The console's session (`__Host-releve` over HTTPS), from pages of this server.",
        ),
    }
    return OpenAPIConfig(
        title="Relève",
        version=__version__,
        description=DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        components=Components(security_schemes=schemes),
        security=[{"key": []}, {"session": []}],
        use_handler_docstrings=True,
        render_plugins=documentation_pages(finished),
        openapi_router=documentation_router(),
    )


def openapi_document() -> Json:
    """The document, without a server or a store: for `docs/` and for tests."""
    app = Litestar([router(), probes()], openapi_config=openapi_config())
    return finished(app.openapi_schema.to_schema())


def finished(document: Json) -> Json:
    """The framework's document with our schemas, names, problems and examples. `document` itself is left alone."""
    paths = {
        path: {method: _operation(path, method, about) for method, about in item.items()}
        for path, item in document["paths"].items()
    }
    whole = {**document, "paths": paths}
    whole["components"] = {
        **document["components"],
        "schemas": _schemas(),
        "responses": _problem_responses(),
    }
    renamed: Json = _renamed(whole)
    return renamed


def _operation(path: str, method: str, about: Json) -> Json:
    responses = {k: v for k, v in about["responses"].items() if k != "400"}
    done = {**about, "responses": responses}
    if path.startswith(PATH):
        expected = {"401", "403", "422", "429", "503"}
        named = {parameter["name"] for parameter in about.get("parameters", [])}
        finds = named & FINDABLE or "{" in path or about["operationId"] in FINDS
        expected |= {"404"} if finds else set()
        expected |= {"409"} if method != "get" else set()
        expected |= {"400", "413"} if "requestBody" in about else set()
        responses |= {s: {"$ref": f"#/components/responses/{s}"} for s in sorted(expected)}
        scope = SCOPES[about["operationId"]]
        done["description"] = f"{about['description']}\n\nNeeds the scope `{scope}`."
    if about["operationId"] in AS_XML:
        done["responses"]["200"]["content"]["application/xml"] = {"schema": {"type": "string"}}
    if "requestBody" in about:
        done["requestBody"] = _body(about["requestBody"])
    return done


def _body(body: Json) -> Json:
    """A body that may be absent: `required` says so, and null is not a second way to say it."""
    ((media_type, content),) = body["content"].items()
    choices = content["schema"].get("oneOf", [])
    kept = [choice for choice in choices if choice != {"type": "null"}]
    if len(kept) != 1 or len(choices) != 2:
        return body
    return {"required": False, "content": {media_type: {**content, "schema": kept[0]}}}


def _schemas() -> Json:
    """Schemas of all types that the routes take and give, from msgspec: constraints, defaults, docstrings and all."""
    types: list[Any] = [Problem, Alive, Ready, AnomalyKind, BootDecision, ReservationState]
    for route in ROUTES:
        hints = get_type_hints(route.fn)
        found = [hints[name] for name in ("return", "data") if name in hints]
        types += [get_args(t)[0] if get_origin(t) is Response else t for t in found]
    types = [t for t in types if t is not Stream]
    _, schemas = msgspec.json.schema_components(types, ref_template=REF + "{name}")
    for struct in _structs(types):
        if struct.__name__ in schemas:  # generic ones have other names and none of what follows
            _complete(schemas[struct.__name__], struct)
    return schemas


def _complete(schema: Json, struct: type[msgspec.Struct]) -> None:
    """Say what msgspec does not: that a time is one, that what we send is whole, what it looks like."""
    for name, hint in get_type_hints(struct).items():
        if datetime in (hint, *get_args(hint)):
            field = schema["properties"][name]
            for choice in field.get("anyOf", [field]):
                if choice.get("type") == "string":
                    choice["format"] = "date-time"
    config = struct.__struct_config__
    if not (config.forbid_unknown_fields or config.omit_defaults):
        schema["required"] = list(schema.get("properties", {}))
    if struct in EXAMPLES:
        schema["examples"] = [EXAMPLES[struct]]


def _structs(types: list[Any]) -> list[type[msgspec.Struct]]:
    """All Structs that these types are made of."""
    seen: dict[type[msgspec.Struct], None] = {}
    waiting = list(types)
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        base = get_origin(one) or one
        if isinstance(base, type) and issubclass(base, msgspec.Struct) and base not in seen:
            seen[base] = None
            waiting += get_type_hints(base).values()
    return list(seen)


def _problem_responses() -> Json:
    return {status: _problem_response(int(status), text) for status, text in PROBLEMS.items()}


def _problem_response(status: int, text: str) -> Json:
    example = {
        "type": f"urn:releve:problem:{WORDS[status]}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text,
        "errors": [],
    }
    schema = {"$ref": REF + "Problem"}
    return {"description": text, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}


# The framework's name of a generic, msgspec's name, and the one that the document shows.
GENERIC = re.compile(r"^(Page|Items)_(?:[\w.]+\.)?(\w+?)(?:View)?_$")
VIEW = re.compile(r"^(\w+)View$")


def public_name(name: str) -> str:
    """The name under which the document shows a type: `Page_StationView_` is StationPage, StationView is Station."""
    if generic := GENERIC.match(name):
        return generic.group(2) + ("Page" if generic.group(1) == "Page" else "List")
    view = VIEW.match(name)
    return view.group(1) if view else name


def _renamed(value: Any, *, names: bool = False) -> Any:
    """The document with public names in its references, titles and components."""
    if isinstance(value, list | tuple):  # msgspec gives the defaults of tuples as tuples
        return [_renamed(v) for v in value]
    if not isinstance(value, dict):
        return value
    renamed = {}
    for key, inner in value.items():
        if key == "$ref" and inner.startswith(REF):
            renamed[key] = REF + public_name(inner.removeprefix(REF))
        else:
            renamed[public_name(key) if names else key] = _renamed(inner, names=key == "schemas")
    return renamed
