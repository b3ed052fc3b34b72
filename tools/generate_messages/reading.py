"""From JSON schemas to the model: every type once, under a clean name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.generate_messages import schemas
from tools.generate_messages.model import Block, Enum, Member, Model, Struct, Type
from tools.generate_messages.names import Names

_SCALARS = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}


def read(package: str) -> Model:
    """The model of a version; raises ValueError where the schemas contradict each other."""
    overlay = schemas.overlay()
    reader = _Reader(overlay[package], Names(overlay["words"], overlay["members"]))
    messages = {name: reader.message(name, s) for name, s in schemas.corrected(package).items()}
    return reader.model(package, messages)


class _Reader:
    def __init__(self, overlay: Mapping[str, Any], names: Names) -> None:
        self._overlay = overlay
        self._names = names
        self._structs: dict[str, Struct] = {}
        self._enums: dict[str, Enum] = {}
        self._root: dict[str, Any] = {}
        self._message = ""

    def message(self, name: str, schema: dict[str, Any]) -> Struct:
        """The message, after its datatypes have been taken in."""
        self._root, self._message = schema, name
        return Struct(name, self._members(name, name, schema))

    def model(self, package: str, messages: dict[str, Struct]) -> Model:
        """Puts it all together, with what only the overlay knows."""
        overlay = self._overlay
        blocks = tuple(Block(b["file"], b["title"], tuple(b["actions"])) for b in overlay["blocks"])
        actions = [action for block in blocks for action in block.actions]
        requests = {a: messages.pop(f"{a}Request") for a in sorted(actions)}
        unanswered = frozenset(overlay["unanswered"])
        responses = {a: messages.pop(f"{a}Response") for a in sorted({*actions} - unanswered)}
        if messages or len(actions) != len(set(actions)):
            raise ValueError(
                f"{package}: schemas without a block, or a block twice: {list(messages)}"
            )
        station = frozenset(overlay["from_station"])
        return Model(
            package=package,
            label=overlay["label"],
            blocks=blocks,
            from_station=station,
            from_csms=frozenset(actions) - station | frozenset(overlay["both_ways"]),
            unanswered=unanswered,
            requests=requests,
            responses=responses,
            structs=self._structs,
            enums=self._enums,
        )

    def _members(self, owner: str, place: str, schema: dict[str, Any]) -> tuple[Member, ...]:
        required = schema.get("required", [])
        members = []
        for wire, inner in schema.get("properties", {}).items():
            kind = self._type(place, wire, inner)
            default = None if wire in required else self._default(owner, wire, inner, kind)
            members.append(
                Member(wire, self._names.attribute(wire), kind, wire in required, default)
            )
        attributes = [member.attribute for member in members]
        if len(attributes) != len(set(attributes)):
            raise ValueError(f"{owner}: two members with one Python name")
        return tuple(members)

    def _type(self, place: str, wire: str, schema: dict[str, Any]) -> Type:
        name = self._name(place, wire, schema)
        schema = schemas.resolve(self._root, schema)
        if schema.get("type") == "array":
            inner = self._type(place, wire, schema["items"])
            return Type(
                **{
                    **vars(inner),
                    "array": True,
                    "min_items": schema.get("minItems"),
                    "max_items": schema.get("maxItems"),
                }
            )
        if schema.get("type") == "object":
            return self._object(name, wire, schema)
        if "enum" in schema:
            return self._enum(name, schema)
        if schema.get("format") == "date-time":
            return Type("datetime")
        return self._scalar(schema)

    def _name(self, place: str, wire: str, schema: dict[str, Any]) -> str:
        """The class's name: by javaType, by definition (1.6 security), or by the overlay (1.6)."""
        if "$ref" in schema:
            definition: str = schema["$ref"].rpartition("/")[2]
            java: str | None = schemas.resolve(self._root, schema).get("javaType")
            return java or definition.removesuffix("Type")
        for table in ("objects", "enums"):
            names = self._overlay.get(table, {})
            for key in (f"{place}.{wire}", wire):
                if key in names and ("enum" in schema) == (table == "enums"):
                    return str(names[key])
        return ""

    def _object(self, name: str, wire: str, schema: dict[str, Any]) -> Type:
        if schema.get("additionalProperties") is not False:
            return Type("custom")  # CustomDataType, the only open object
        if not name:
            raise ValueError(f"{self._message}: no name for the object {wire}")
        self._keep(self._structs, Struct(name, self._members(name, wire, schema)))
        return Type("object", name=name)

    def _enum(self, name: str, schema: dict[str, Any]) -> Type:
        if not name:
            raise ValueError(f"{self._message}: no name for the enum {schema['enum']}")
        values = tuple((self._names.member(value), value) for value in schema["enum"])
        if len(dict(values)) != len(values):
            raise ValueError(f"{name}: two values with one Python name")
        self._keep(self._enums, Enum(name, values))
        return Type("enum", name=name)

    def _keep(self, known: dict[str, Any], new: Struct | Enum) -> None:
        old = known.setdefault(new.name, new)
        inside = "members" if isinstance(new, Struct) else "values"
        if getattr(old, inside) != getattr(new, inside):
            raise ValueError(f"{self._message}: {new.name} differs from its earlier definition")
        old.used_by.add(self._message)

    @staticmethod
    def _scalar(schema: dict[str, Any]) -> Type:
        if "type" not in schema:
            return Type("any")  # DataTransfer.data of 2.x
        return Type(
            _SCALARS[schema["type"]],  # type: ignore[arg-type]
            max_length=schema.get("maxLength"),
            minimum=schema.get("minimum"),
            maximum=schema.get("maximum"),
            step=str(schema.get("multipleOf", "")),
            uri=schema.get("format") == "uri",
        )

    def _default(self, owner: str, wire: str, schema: dict[str, Any], kind: Type) -> object:
        """The default to apply on read; it may sit on the definition (AttributeEnumType)."""
        if kind.array:
            return None
        ours = self._overlay.get("defaults", {}).get(f"{owner}.{wire}")
        theirs = schema.get("default", schemas.resolve(self._root, schema).get("default"))
        default = (ours if ours is not None else theirs) if ours != "" else None
        if kind.kind == "enum" and default is not None:
            return self._names.member(str(default))
        return default
