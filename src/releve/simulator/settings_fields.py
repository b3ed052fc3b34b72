"""Reading and writing the station's behaviour as text, the way both versions' configuration does."""

from dataclasses import dataclass
from enum import StrEnum

from releve.simulator.behaviour import Behaviour
from releve.simulator.meter import parse_measurands


class Kind(StrEnum):
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MEASURANDS = "measurands"
    WORDS = "words"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of `Behaviour` as text."""

    attribute: str
    kind: Kind
    minimum: int = 0
    maximum: int = 2_147_483_647
    allowed: frozenset[str] = frozenset()

    def read(self, behaviour: Behaviour) -> str:
        value = getattr(behaviour, self.attribute)
        if self.kind is Kind.BOOLEAN:
            return "true" if value else "false"
        if self.kind in (Kind.MEASURANDS, Kind.WORDS):
            return ",".join(value)
        return str(value)

    def write(self, behaviour: Behaviour, text: str) -> bool:
        """Take over `text`; False, and nothing changed, when it is not acceptable."""
        match self.kind:
            case Kind.INTEGER:
                return self._write_integer(behaviour, text)
            case Kind.BOOLEAN:
                return self._write_boolean(behaviour, text)
            case Kind.MEASURANDS:
                measurands = parse_measurands(text)
                if measurands is not None:
                    setattr(behaviour, self.attribute, measurands)
                return measurands is not None
            case Kind.WORDS:
                return self._write_words(behaviour, text)
            case Kind.TEXT:
                setattr(behaviour, self.attribute, text)
                return True

    def _write_integer(self, behaviour: Behaviour, text: str) -> bool:
        try:
            value = int(text)
        except ValueError:
            return False
        if not self.minimum <= value <= self.maximum:
            return False
        setattr(behaviour, self.attribute, value)
        return True

    def _write_boolean(self, behaviour: Behaviour, text: str) -> bool:
        lowered = text.strip().lower()
        if lowered not in ("true", "false"):
            return False
        setattr(behaviour, self.attribute, lowered == "true")
        return True

    def _write_words(self, behaviour: Behaviour, text: str) -> bool:
        words = tuple(word.strip() for word in text.split(",") if word.strip())
        if not self.allowed.issuperset(words):
            return False
        setattr(behaviour, self.attribute, words)
        return True


def integer(attribute: str, minimum: int = 0, maximum: int = 2_147_483_647) -> Field:
    return Field(attribute, Kind.INTEGER, minimum, maximum)


def boolean(attribute: str) -> Field:
    return Field(attribute, Kind.BOOLEAN)


def measurands(attribute: str) -> Field:
    return Field(attribute, Kind.MEASURANDS)


def words(attribute: str, *allowed: str) -> Field:
    return Field(attribute, Kind.WORDS, allowed=frozenset(allowed))


def text(attribute: str) -> Field:
    return Field(attribute, Kind.TEXT)
