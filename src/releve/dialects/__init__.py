"""Wire messages to services and back, one package per OCPP version; no rules."""

from releve.dialects import v16, v21, v201
from releve.dialects.registry import Asked, Dialect, Unsupported
from releve.ocpp.version import Version

DIALECTS: dict[Version, Dialect] = {
    Version.V16: v16.dialect,
    Version.V201: v201.dialect,
    Version.V21: v21.dialect,
}
"""The dialect of each version that stations may speak."""

__all__ = ["DIALECTS", "Asked", "Dialect", "Unsupported"]
