"""docs/settings.md from `releve.settings`: each field with its default and description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

import msgspec

from releve.settings import PREFIX

HEAD = f"""\
# Settings

<!-- Made by `make docs` from src/releve/settings.py. Edit there. -->

Every setting is an environment variable; lists are separated by commas, yes and no are `true` and
`false`. The same names in lower case and without `{PREFIX}` may stand in a TOML file that `{PREFIX}CONFIG`
names; the environment wins. What is not set has the default. A value that cannot be used stops the
start with a message that names it.

| variable | default | meaning |
| --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of a settings class. `default` is as one would write it, empty where it must be given."""

    name: str
    default: str
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


def page(settings: type[msgspec.Struct]) -> str:
    """The whole Markdown page."""
    rows = (
        f"| `{setting.variable}` | {_code(setting.default)} | {_cell(setting.meaning)} |\n"
        for setting in read(settings)
    )
    return HEAD + "".join(rows)


def read(settings: type[msgspec.Struct]) -> list[Setting]:
    """All settings, in the order of the class."""
    hints = get_type_hints(settings, include_extras=True)
    return [
        Setting(
            name=field.name,
            default="" if field.required else written(_default(field)),
            meaning=_meaning(hints[field.name]),
        )
        for field in msgspec.structs.fields(settings)
    ]


def written(value: Any) -> str:
    """A value as it is written in the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ",".join(str(one) for one in value)
    return str(value)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _meaning(hint: Any) -> str:
    described = (part.description for part in get_args(hint)[1:] if isinstance(part, msgspec.Meta))
    return next((text for text in described if text), "")


def _code(text: str) -> str:
    return f"`{text}`" if text else "none"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
