"""Payment service providers: the built-in "manual" one for demonstrations, and others by entry point."""

from __future__ import annotations

from decimal import Decimal
from importlib.metadata import entry_points
from typing import Any

from releve.domain.payment import Payment, SettlementStatus
from releve.services.ports import PaymentProvider, PspAnswer
from releve.settings import Settings, SettingsError

GROUP = "releve.payment_providers"


class ManualProvider:
    """No money moves: a page of ours lets the driver say yes or no, and whatever is settled counts as paid.

    For demonstrations and tests, and where nobody pays but the way of a payment is wanted.
    """

    name = "manual"

    def page(self, payment: Payment) -> str:
        """Our own page."""
        return f"/payments/{payment.operator}.{payment.psp_ref}"

    async def settle(self, payment: Payment, amount: Decimal) -> PspAnswer:
        """Said to be paid."""
        return PspAnswer(status=SettlementStatus.SETTLED, receipt_id=f"manual-{payment.id}")

    async def release(self, payment: Payment) -> PspAnswer:
        """Said to be given back."""
        return PspAnswer(status=SettlementStatus.CANCELED)


def payment_provider(settings: Settings) -> PaymentProvider | None:
    """The one that the settings name; None for "none". SettingsError when it is not installed or cannot be made.

    An entry point of the group `releve.payment_providers` is a function that is given the settings and makes one.
    """
    name = settings.payment_provider
    if name == "none":
        return None
    if name == ManualProvider.name:
        return ManualProvider()
    for point in entry_points(group=GROUP):
        if point.name == name:
            try:
                provider: Any = point.load()(settings)
            except Exception as error:
                raise SettingsError(
                    f"The payment provider {name} cannot be used: {error}"
                ) from error
            return provider  # type: ignore[no-any-return]
    raise SettingsError(
        f"RELEVE_PAYMENT_PROVIDER is {name!r}: no package that is installed provides it."
    )
