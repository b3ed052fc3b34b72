"""Requests made up from the OpenAPI document: mostly as it says, sometimes not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote

Json = dict[str, Any]
NASTY: tuple[Any, ...] = (
    "", " ", "0", "-1", "null", "' OR 1=1 --", "%", "_", "\\", "\x00", "a\nb", "ü😀", "\u202e", "../..", "a" * 3000,
    "9" * 40, "1e999", "true", "2027-02-30T00:00:00Z", "<script>", "{{7*7}}",
)  # fmt: skip
NASTY_IN_ADDRESSES = (*NASTY, "\ud83d")
WRONG: tuple[Any, ...] = (None, True, -1, 2**70, 1.5, [], {}, [[]], {"a": None}, *NASTY)


@dataclass
class Made:
    """One request. body: sent as JSON; content: bytes as they are."""

    method: str
    url: str
    body: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


class MakeUp:
    """known: values that exist in the store, by the name of the parameter."""

    def __init__(self, document: Json, seed: int, known: dict[str, list[str]]) -> None:
        self._document = document
        self._random = Random(seed)
        self._known = known

    def request(self, path: str, method: str, about: Json) -> Made:
        """A request for this operation."""
        url, query, headers = path, [], {}
        for parameter in about.get("parameters", []):
            name, place = parameter["name"], parameter["in"]
            if place != "path" and self._random.random() < 0.6:
                continue
            value = self._parameter(name, parameter["schema"])
            if place == "path":
                url = url.replace("{" + name + "}", _quoted(value) or "x")
            elif place == "query":
                query.append(f"{name}={_quoted(value)}")
            elif value.isascii() and value.isprintable():
                headers[name] = value
        if self._random.random() < 0.05:
            query.append("surprise=1")
        body = None
        if "requestBody" in about and self._random.random() < 0.95:
            ((_, content),) = about["requestBody"]["content"].items()
            body = self.value(content["schema"])
        return Made(
            method.upper(), url + ("?" + "&".join(query) if query else ""), body, headers=headers
        )

    def _parameter(self, name: str, schema: Json) -> str:
        chance = self._random.random()
        if name in self._known and chance < 0.7:
            return self._random.choice(self._known[name])
        value = (
            self._random.choice(NASTY_IN_ADDRESSES)
            if chance > 0.85
            else self.value(schema, depth=9)
        )
        if isinstance(value, bool):
            return "true" if value else "false"
        return "" if value is None else str(value)

    def value(self, schema: Json, depth: int = 0) -> Any:
        """A value of this schema; now and then something else."""
        chance = self._random.random()
        if chance < 0.03 and depth < 9:
            return self._random.choice(WRONG)
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self.value(self._document["components"]["schemas"][name], depth)
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return self.value(self._random.choice(choices), depth)
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        kind = schema.get("type", self._random.choice(["string", "object", "null", "array"]))
        return getattr(self, f"_{kind}")(schema, depth)

    def _string(self, schema: Json, depth: int) -> str:
        if schema.get("format") == "date-time":
            return self._random.choice(["2026-03-01T12:00:00Z", "2026-03-01T12:00:00.123456+02:00"])
        words = ["A", "CP-1", "ADA", "Heartbeat", "x" * 40, "Zoë", "A1", "rlv", "12.50"]
        return self._random.choice([*words, *self._some_known()])

    def _some_known(self) -> list[str]:
        return self._random.choice(list(self._known.values())) if self._known else []

    def _integer(self, schema: Json, depth: int) -> int:
        low, high = int(schema.get("minimum", -2)), int(schema.get("maximum", 2**40))
        return self._random.choice([low, high, self._random.randint(low, high), min(high, low + 1)])

    def _number(self, schema: Json, depth: int) -> float:
        return self._random.uniform(schema.get("minimum", -10), schema.get("maximum", 10))

    def _boolean(self, schema: Json, depth: int) -> bool:
        return self._random.random() < 0.5

    def _null(self, schema: Json, depth: int) -> None:
        return None

    def _array(self, schema: Json, depth: int) -> list[Any]:
        if depth > 4:
            return []
        count = max(schema.get("minItems", 0), self._random.randint(0, 3))
        return [self.value(schema.get("items", {}), depth + 1) for _ in range(count)]

    def _object(self, schema: Json, depth: int) -> Json:
        required = schema.get("required", [])
        made = {
            name: self.value(inner, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if name in required or self._random.random() < 0.5
        }
        if "properties" not in schema and depth < 4:
            made["free"] = self.value({}, depth + 1)
        if self._random.random() < 0.05:
            made["surprise"] = 1
        return made


def _quoted(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")
