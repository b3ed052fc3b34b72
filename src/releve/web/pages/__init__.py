"""The console's pages, one file each. Every file has a ROUTES tuple."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from releve.web.pages import (
    access,
    anomalies,
    authorities,
    certificates,
    inbox,
    operations,
    overview,
    pay,
    payments,
    reservations,
    security_events,
    sign_in,
    station,
    station_certificates,
    station_commands,
    station_log,
    station_security,
    station_settings,
    station_variables,
    stations,
    tokens,
    transaction,
    transaction_control,
    transactions,
)

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *sign_in.ROUTES,
    *overview.ROUTES,
    *stations.ROUTES,
    *station.ROUTES,
    *station_commands.ROUTES,
    *station_variables.ROUTES,
    *station_certificates.ROUTES,
    *station_log.ROUTES,
    *station_settings.ROUTES,
    *transactions.ROUTES,
    *transaction.ROUTES,
    *transaction_control.ROUTES,
    *reservations.ROUTES,
    *operations.ROUTES,
    *inbox.ROUTES,
    *tokens.ROUTES,
    *payments.ROUTES,
    *pay.ROUTES,
    *anomalies.ROUTES,
    *security_events.ROUTES,
    *station_security.ROUTES,
    *certificates.ROUTES,
    *access.ROUTES,
    *authorities.ROUTES,
)
