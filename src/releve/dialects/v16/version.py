"""The dialect of OCPP 1.6 (JSON), to which the modules of this package add their handlers."""

from __future__ import annotations

from releve.dialects.registry import Dialect
from releve.ocpp.messages import v16 as messages
from releve.ocpp.version import Version

v16 = Dialect(Version.V16, messages, boots_first=False)
