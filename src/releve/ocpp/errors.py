"""The protocol's error codes, once for all versions, and the exception that carries one.

OCPP-J 1.6 section 4.2.3 (table 7, with its spelling `OccurenceConstraintViolation` as the schemas and the
field have it), OCPP 2.0.1 and 2.1 part 4 section 4.3.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from releve.ocpp.version import Version


class ErrorCode(Enum):
    """What went wrong, whatever the version calls it. The value is the spelling of 2.1."""

    FORMAT_VIOLATION = "FormatViolation"
    GENERIC_ERROR = "GenericError"
    INTERNAL_ERROR = "InternalError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    PROTOCOL_ERROR = "ProtocolError"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    SECURITY_ERROR = "SecurityError"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"

    def spelling(self, version: Version) -> str:
        """The text for the wire. 1.6 has fewer codes; the nearest of its own is used."""
        if version is Version.V16:
            return _SPELLINGS_16.get(self, self.value)
        return self.value

    @classmethod
    def read(cls, text: str) -> ErrorCode:
        """The code that a peer meant; both spellings are known, anything else is GENERIC_ERROR."""
        return _READINGS.get(text, cls.GENERIC_ERROR)


_SPELLINGS_16: Final = {
    ErrorCode.FORMAT_VIOLATION: "FormationViolation",
    ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION: "OccurenceConstraintViolation",
    ErrorCode.RPC_FRAMEWORK_ERROR: "FormationViolation",
    ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED: "NotSupported",
}
_READINGS: Final = {code.value: code for code in ErrorCode} | {
    "FormationViolation": ErrorCode.FORMAT_VIOLATION,
    "OccurenceConstraintViolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
}


class Malformed(Exception):
    """A message that breaks the protocol: the code to answer with, and words for a person."""

    def __init__(self, code: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
