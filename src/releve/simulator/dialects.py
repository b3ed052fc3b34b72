"""The dialect of each version."""

from releve.ocpp.version import Version
from releve.simulator.dialect import Dialect
from releve.simulator.v2 import Dialect21, Dialect201
from releve.simulator.v16 import Dialect16

_DIALECTS: dict[Version, type[Dialect]] = {
    Version.V16: Dialect16,
    Version.V201: Dialect201,
    Version.V21: Dialect21,
}


def dialect_for(version: Version) -> Dialect:
    """A dialect; it has no state of its own."""
    return _DIALECTS[version]()


def version_named(name: str) -> Version:
    """The version that people call `name`: "1.6", "2.0.1", "2.1" or the subprotocol.

    Raises:
        ValueError: no such version.
    """
    for version in Version:
        if name in (version.label, version.value):
            return version
    raise ValueError(f"{name!r} is not a version; known: {', '.join(v.label for v in Version)}")
