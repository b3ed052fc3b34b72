"""C17 to C25, built and tied together: settlements, payments, QR codes, VAT numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from releve.app.payment_providers import payment_provider
from releve.app.vies import Vies
from releve.services.payments import PaymentDesk
from releve.services.settlements import Settlements
from releve.services.vat_numbers import VatNumbers
from releve.services.web_payments import WebPaymentDesk

if TYPE_CHECKING:
    from releve.app.house_services import Ground


def settlements_of(g: Ground) -> Settlements:
    """What becomes of the money; transactions call it at their end."""
    provider = payment_provider(g.settings)
    return Settlements(g.store, g.clock, g.ids, g.flags, provider, g.settings.console_url)


def payment_block(g: Ground) -> dict[str, Any]:
    """The services by their names in `Services`. Raises SettingsError in an operator's words."""
    settings = g.settings
    payments = PaymentDesk(g.store, g.clock, g.ids, g.commands, payment_provider(settings))
    web = WebPaymentDesk(
        g.store,
        g.clock,
        g.ids,
        g.commands,
        payments,
        g.vault,
        settings.console_url,
        settings.web_payment_lock,
    )
    register = Vies() if settings.vat_register == "vies" else None
    return {"payments": payments, "web_payments": web, "vat_numbers": VatNumbers(register)}
