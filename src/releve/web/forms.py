"""Values out of a submitted form, checked; what is wrong is said beside its field."""

from __future__ import annotations

from collections.abc import Mapping

from releve.services.errors import Invalid
from releve.web.i18n import N_

DIGITS = 4
"""Of a row's number."""


class Form:
    """A submitted form. Values are text, stripped; absent ones are empty."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def rows(self, name: str) -> list[int]:
        """The numbers of repeated fields `name.0.price`, `name.1.price`, in order."""
        found = {
            int(number)
            for key in self._values
            if (parts := key.split(".", 2))[0] == name and len(parts) == 3
            for number in (parts[1],)
            if number.isascii() and number.isdecimal() and len(number) <= DIGITS
        }
        return sorted(found)

    def conditional(self, beginning: str) -> bool:
        """Whether a field that begins so is filled in, but for its price."""
        return any(
            value.strip() and key != f"{beginning}price"
            for key, value in self._values.items()
            if key.startswith(beginning)
        )

    def with_(self, values: Mapping[str, str]) -> Form:
        """A copy with these fields."""
        return Form(self._values | dict(values))

    def without(self, beginning: str) -> Form:
        """A copy without the fields whose names begin so."""
        return Form({k: v for k, v in self._values.items() if not k.startswith(beginning)})

    def swapped(self, one: str, other: str) -> Form:
        """A copy in which fields that begin with `one` are those of `other`, and the other way round."""

        def renamed(name: str) -> str:
            for this, that in ((one, other), (other, one)):
                if name.startswith(this):
                    return that + name.removeprefix(this)
            return name

        return Form({renamed(name): value for name, value in self._values.items()})

    def text(self, name: str, *, strip: bool = True) -> str:
        """The value as text."""
        value = self._values.get(name, "")
        return value.strip() if strip else value

    def flag(self, name: str) -> bool:
        """Whether a checkbox is ticked."""
        return bool(self._values.get(name))

    def required(self, name: str) -> str:
        """A text that may not be empty."""
        value = self.text(name)
        if not value:
            raise Invalid(N_("This is needed."), field=name)
        return value

    def integer(self, name: str, *, least: int = 0, most: int = 2**31 - 1) -> int | None:
        """A whole number between least and most; None when the field is empty."""
        text = self.text(name)
        if not text:
            return None
        try:
            value = int(text)
        except ValueError:
            raise Invalid(N_("This is not a whole number."), field=name) from None
        if not least <= value <= most:
            raise Invalid(N_("This number is too small or too large."), field=name)
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of the allowed values."""
        value = self.text(name)
        if value not in allowed:
            raise Invalid(N_("Choose one of the list."), field=name)
        return value
