"""What the other services and the rules of the domain refuse, by file: `{}` where a value stands."""

from __future__ import annotations

from releve.web.i18n import N_

TEXTS = (
    # access
    N_("The role is one of {}."),
    N_("The key would have expired already."),
    # batteries
    N_("This token is not authorised ({}): it may not swap."),
    # cost_telling
    N_("No tariff applies to this transaction: there is no cost to show."),
    # files
    N_("There is no such file."),
    # local_lists
    N_("Name at least one group."),
    N_("Name at least one token."),
    N_("Prepaid tokens cannot be on a list: each use must ask."),
    N_("A list is on its way to this station already."),
    N_("The list is in step: there is nothing to send."),
    N_("There is no token {}."),
    N_("What the station has is not known: send the full list."),
    N_("The token {} is neither on the list nor registered."),
    # operations
    N_("There is no such operation."),
    # payments
    N_("The reference of a payment has 1 to 255 characters."),
    N_("The authorised amount is more than nothing."),
    N_("This payment does not wait to be authorised."),
    N_("There is no such payment."),
    N_("Only a payment whose transaction has not begun can be cancelled."),
    N_("Only a payment that could not be settled can be settled again."),
    N_("This payment is known already."),
    # reservations
    N_("There is no such reservation."),
    N_("This reservation is over already: {}."),
    N_("The reservation would be over already."),
    N_("A reservation lasts a year at most."),
    N_("Reserve either an EVSE or any with a type of connector."),
    N_("There is no such reservation at this station."),
    N_("The reservation to replace is over already."),
    N_("This token may not charge: {}."),
    N_("It is reserved for {} until {} UTC."),
    N_("EVSE {} is occupied."),
    N_("EVSE {} is out of order."),
    N_("EVSE {} is out of service."),
    # security/events
    N_("There is no such security event."),
    # smart_charging/needs
    N_("No car has told its needs at this EVSE."),
    N_("The transaction that these needs belong to has ended."),
    N_("Nothing may be charged at this EVSE: there is nothing to offer."),
    # station_tariffs, offers
    N_("It is charged in {}: a transaction cannot change its currency."),
    N_("Tariffs are switched off at this station (TariffCostCtrlr.Enabled[Tariff])."),
    N_(
        "The tariff has {} prices in one component, the station takes {} (TariffCostCtrlr.MaxElements)."
    ),
    N_(
        "The tariff has conditions, and the station supports none (TariffCostCtrlr.ConditionsSupported)."
    ),
    # stations, tokens
    N_("This cannot be changed: {}."),
    # streams
    N_("No such stream is open."),
    # token_checks
    N_("The type is one of {}, or a word of your own of at most 20 letters and digits."),
    N_("A token has at most {} places."),
    N_("A connector's type has at most 20 characters, as in cCCS2."),
    N_("A language is a tag such as fr or en-US."),
    N_("The priority is between -9 and 9."),
    N_("Stations may remember a token for 0 seconds to one year."),
    N_("The credit is an amount up to {}."),
    N_("A currency has three letters, as in EUR."),
    N_("The {} needs a time zone."),
    N_("{} is no place: write a station's identity, identity/EVSE, or site:NAME."),
    # token_import
    N_("A file has at most {} lines."),
    N_("The file is empty: its first line names the columns."),
    N_("{} Columns are {}."),
    N_("Write yes or no."),
    N_("{} is not {}."),
    # tokens
    N_("A second language needs a first one."),
    N_("The second language differs from the first."),
    N_("The token expires before it begins."),
    N_("A prepaid token pays for one transaction at a time."),
    # transaction_limits
    N_("Name at least one limit."),
    N_("A state of charge is 0 to 100 percent."),
    N_("An empty text cannot be shown."),
    N_("A limit is not negative."),
    # v2g_authorities
    N_("The private key is not that of the chain's first certificate."),
    N_("The chain's first certificate may not sign certificates."),
    N_("The chain does not go up to a V2G root."),
    N_("An OCSP responder is at http:// or https://."),
    N_("There is no such V2G authority."),
    # v2g_certificates
    N_("{} is not for cars."),
    N_("There is no V2G authority for a {} yet: add one first."),
    # v2x
    N_("At least one way of transferring energy must be allowed."),
    # web_payments
    N_("A code is valid for 10 seconds to one hour."),
    N_("The password has 6 to 32 characters."),
    N_("The amount to authorise is more than nothing."),
    # certificates/vault, certificates/paths
    N_("A private key cannot be opened: the secret file is another one than when it was made."),
    N_("This is no revocation list in PEM form ({})."),
    N_(
        "No authority that is trusted here for stations' certificates has signed this revocation list."
    ),
    # domain/der
    N_("The id has 1 to 36 characters."),
    N_("A control of type {} has {}, and no others."),
    N_("The priority is 0 or more; the lowest number goes first."),
    N_("A control of type {} can only be a default."),
    N_("A scheduled control needs start_time and duration."),
    N_("The time needs a zone, as in 2027-01-31T12:00:00Z."),
    N_("The duration is more than 0 seconds."),
    N_("The unit is one of {}."),
    N_("A power factor is from 0 to 1."),
    N_("The low limits must be below the high ones."),
    N_("A default control has neither start_time nor duration."),
    N_("The highest discharge power is a percentage from 0 to 100."),
    N_("It needs pct_max_discharge_power or power_monitoring_must_trip."),
    N_("A curve has 1 to 10 points."),
    # domain/display_message
    N_("The number is from 0 to {}."),
    N_("A message has at most {} languages."),
    N_("Each language can be there once."),
    N_("It would end before it begins."),
    N_("This station has no display, or it is switched off."),
    N_("The station knows {}, not {}."),
    N_("The station keeps {} messages, and has as many already."),
    N_("A text has 1 to {} characters."),
    N_("The text has characters beyond ASCII: choose UTF8."),
    N_("A URI begins with its scheme, as in https://example.org/."),
    N_("The station shows {}, not {}."),
)
