"""The official schemas, as judges of what goes over the wire."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs

from tools.generate_messages import schemas

PACKAGES = {"1.6": "v16", "2.0.1": "v201", "2.1": "v21"}


@cache
def validator(package: str, name: str) -> Any:
    """The judge of one message (`BootNotificationRequest`) of a package (`v16`)."""
    schema = schemas.official(package)[name]
    draft4 = "draft-04" in schema.get("$schema", "")
    kind = jsonschema_rs.Draft4Validator if draft4 else jsonschema_rs.Draft6Validator
    return kind(schema)


def violation(package: str, name: str, payload: Any) -> str:
    """What of its schema a payload breaks; empty when nothing."""
    try:
        validator(package, name).validate(payload)
    except (jsonschema_rs.ValidationError, KeyError) as error:
        return f"{name} {payload}: {error}"
    return ""
