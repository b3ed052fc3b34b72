"""The dialect of OCPP 2.1, to which the modules of this package add their handlers."""

from __future__ import annotations

from releve.dialects.registry import Dialect
from releve.ocpp.messages import v21 as messages
from releve.ocpp.version import Version

v21 = Dialect(Version.V21, messages, boots_first=True)
