"""C18: is a VAT number right that a driver typed at the station's terminal?"""

from __future__ import annotations

from typing import Any

import msgspec

from releve.domain.vat import VatProblem, read_vat_number
from releve.services.ports import VatRegister


class VatAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """code, text: the reason, for the station's statusInfo. company: 2.1 AddressType in wire names."""

    valid: bool
    code: str = ""
    text: str = ""
    company: dict[str, Any] | None = None


class VatNumbers:
    """register: asked for numbers that are well-formed; None: the form has to do."""

    def __init__(self, register: VatRegister | None) -> None:
        self._register = register

    async def validate(self, text: str) -> VatAnswer:
        """Judge a number (C18.FR.09). One that the register cannot be asked about now is judged by its form alone."""
        number = read_vat_number(text)
        if isinstance(number, VatProblem):
            return VatAnswer(valid=False, code=number.code, text=number.text)
        found = await self._register.find(number) if self._register is not None else None
        if found is None:
            return VatAnswer(valid=True, code="FormatOnly", text="No register was asked.")
        if not found.valid:
            return VatAnswer(
                valid=False, code="NotRegistered", text="The register does not know this number."
            )
        return VatAnswer(valid=True, company=found.company)
