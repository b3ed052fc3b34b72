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
    N_("There is no column {}. Columns are {}."),
    N_("The column value is missing. Columns are {}."),
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
    # domain/tariff_check
    N_("A component needs at least one price."),
    N_("A day of the week is one of {}."),
    N_("The kind of EVSE is AC or DC."),
    N_("{} cannot be a condition here: a fee is judged once, when charging begins."),
    N_("{} is a condition of fees only."),
    N_("Conditions that say nothing: leave them out."),
    N_("The format is one of {}."),
    N_("A tax has a name of 1 to 20 characters."),
    N_("A tax is a percentage from 0 to 100."),
    N_("A tax's stack level is 0 or more."),
    N_("A price after one without conditions never applies: put that one last."),
    N_("A time of day is written as 08:30."),
    N_("A date is written as 2027-01-31."),
    N_("min_{} must be below max_{}."),
    N_("A least or highest cost cannot be negative."),
    # domain/charging_rules, smart_charging/preparing
    N_("No transaction runs on EVSE {}: a TxProfile needs one."),
    N_("Transaction {} does not run on EVSE {}."),
    N_("Profile {} uses another phase: both cannot be obeyed."),
    N_("The station has {} profiles, all that it takes: clear one first."),
    N_(
        "Profile {} of {} has the same purpose and stack level and is valid at the same time: "
        "replace it by its id, clear it, or take another stack level."
    ),
    N_("Profiles wear this station's memory out: the next one may go in {} s."),
    N_("Profiles of purpose {} are not ours to clear."),
    N_("Say which profiles: an id, or an EVSE, a purpose or a stack level."),
    N_("ChargingStationExternalConstraints is set by systems beside the station, never from here."),
    N_("A TxProfile belongs to one EVSE: name it."),
    N_("A ChargingStationMaxProfile is for the whole station: EVSE 0."),
    N_("A ChargingStationMaxProfile cannot be Relative: no transaction would start it."),
    N_("Only a TxProfile belongs to a transaction."),
    N_("A PriorityCharging profile lasts until its transaction ends: it has no duration."),
    N_("Only TxProfile and TxDefaultProfile may have a randomized delay."),
    N_("A profile of kind {} needs the moment at which its schedule starts."),
    N_("A Relative profile starts with charging: it has no start of its own."),
    N_("A Recurring profile, and no other, says whether it recurs daily or weekly."),
    N_("The profile would end before it begins to be valid."),
    N_("A Dynamic profile has one schedule with one period."),
    N_("Only a Dynamic profile is updated at intervals."),
    N_("Whether it stays invalid after an offline time needs that time: max_offline_duration."),
    N_("The profile has no schedule."),
    N_("A profile has at most three schedules."),
    N_("Only a car that told its charging needs (ISO 15118) may choose from several schedules."),
    N_("A stack level is not below zero."),
    N_("Two schedules of the profile have the same id."),
    N_("A schedule has no period."),
    N_("The first period of a schedule starts at second 0."),
    N_("The periods of a schedule must follow each other in time."),
    N_("A schedule has at most {} periods."),
    N_("A schedule that lasts 0 seconds limits nothing."),
    N_("The least useful charging rate is below zero."),
    N_("The limit from a state of charge on is below 0."),
    N_("A phase can be chosen only together with number_phases 1."),
    N_("This EVSE does not say that it can choose a phase (ACPhaseSwitchingSupported)."),
    N_("A limit is not below zero; for discharging there is discharge_limit."),
    N_("There are up to three phases."),
    N_("An EVSE may be sent to sleep only in operation mode Idle."),
    N_("Only a TxProfile may limit each phase by itself."),
    N_("Limits of phases L2 and L3 need the limit of L1: limit."),
    N_("The car has not told needs for each phase: it cannot be limited phase by phase."),
    N_("Profile ids up to {} are the station's own (MaxExternalConstraintsId)."),
    N_("The station does not support the purpose {}."),
    N_("The station does not support {}."),
    N_("A {} cannot have the operation mode {}."),
    N_("Discharge limits and setpoints need an operation mode other than ChargingOnly."),
    N_("A period without operation mode needs a limit."),
    N_("The operation mode {} needs a setpoint."),
    N_("In operation mode ExternalSetpoint the setpoint comes from beside the station."),
    N_(
        "The operation mode CentralFrequency needs a Dynamic profile, so that the setpoint can follow."
    ),
    N_("The operation mode LocalFrequency needs a curve of at least two points."),
    N_("The operation mode LocalFrequency steers power: its schedule is in W."),
    N_("Curves of power over frequency or signal need the operation mode LocalFrequency."),
    N_("A discharge limit counts below zero."),
    N_("A setpoint must lie between discharge_limit and limit."),
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
