"""The official schemas, as PyPI `ocpp` ships them, and our errata to them."""

from __future__ import annotations

import copy
import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

PACKAGES = ("v16", "v201", "v21")


def overlay() -> dict[str, Any]:
    """The overlay, parsed."""
    return tomllib.loads((Path(__file__).parent / "overlay.toml").read_text(encoding="utf-8"))


def official(package: str) -> dict[str, dict[str, Any]]:
    """Every schema of a version, by message name (`BootNotificationRequest`), unchanged.

    1.6 calls the request's file by the action alone; so does 2.1 for its unanswered message.
    """
    found: dict[str, dict[str, Any]] = {}
    for file in (files("ocpp") / package / "schemas").iterdir():
        if not file.name.endswith(".json"):
            continue
        stem = file.name.removesuffix(".json")
        message = stem if stem.endswith(("Request", "Response")) else f"{stem}Request"
        found[message] = json.loads(file.read_text(encoding="utf-8-sig"))
    return dict(sorted(found.items()))


def corrected(package: str, *, looser_only: bool = False) -> dict[str, dict[str, Any]]:
    """The schemas with the overlay's errata. `looser_only` leaves out those that narrow."""
    schemas = copy.deepcopy(official(package))
    for erratum in overlay()[package].get("errata", []):
        if looser_only and not erratum.get("looser"):
            continue
        message, *path = erratum["at"].split(".")
        _locate(schemas[message], path).update(erratum["set"])
    return schemas


def resolve(root: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The definition that a `$ref` names, else the schema itself."""
    if "$ref" not in schema:
        return schema
    target: dict[str, Any] = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return target


def _locate(root: dict[str, Any], path: list[str]) -> dict[str, Any]:
    schema = root
    for step in path:
        schema = resolve(root, schema)["properties"][step.removesuffix("[]")]
        if step.endswith("[]"):
            schema = schema["items"]
    return schema
