"""The dialect of OCPP 2.0.1, to which the modules of this package add their handlers."""

from __future__ import annotations

from releve.dialects.registry import Dialect
from releve.ocpp.messages import v201 as messages
from releve.ocpp.version import Version

v201 = Dialect(Version.V201, messages, boots_first=True)
