"""The domain's vocabulary in an operator's words, and the tone in which each is shown.

A tone chooses the colour (`ok`, `busy`, `calm`, `warn`, `bad`, `mute`); the text says the same without it.
"""

from __future__ import annotations

from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import Result
from releve.web import operation_words, reservation_words
from releve.web.i18n import N_

CONNECTIVITY = {
    "online": ("ok", N_("Online")),
    "offline": ("bad", N_("Offline")),
    "unknown": ("mute", N_("Unknown")),
}

STATUS = {
    "Available": ("ok", N_("Available")),
    "Occupied": ("busy", N_("Occupied")),
    "Reserved": ("calm", N_("Reserved")),
    "Unavailable": ("mute", N_("Unavailable")),
    "Faulted": ("bad", N_("Faulted")),
    "Unknown": ("mute", N_("Unknown")),
}

CHARGING = {
    "EVConnected": ("busy", N_("Car connected")),
    "Charging": ("busy", N_("Charging")),
    "SuspendedEV": ("calm", N_("Paused by the car")),
    "SuspendedEVSE": ("calm", N_("Paused by the station")),
    "Idle": ("calm", N_("Finishing")),
}

STATE = {
    "active": ("busy", N_("Active")),
    "ended": ("mute", N_("Ended")),
    "presumed-ended": ("warn", N_("Presumed ended")),
}

VERDICT = {
    "Accepted": ("ok", N_("Accepted")),
    "Blocked": ("bad", N_("Blocked")),
    "Expired": ("warn", N_("Expired")),
    "Invalid": ("bad", N_("Invalid")),
    "Unknown": ("warn", N_("Unknown token")),
    "ConcurrentTx": ("warn", N_("In use elsewhere")),
    "NoCredit": ("warn", N_("No credit")),
    "NotAllowedTypeEVSE": ("warn", N_("Not at this type of EVSE")),
    "NotAtThisLocation": ("warn", N_("Not at this location")),
    "NotAtThisTime": ("warn", N_("Not at this time")),
}

BOOT = {
    "Accepted": ("ok", N_("Accepted")),
    "Pending": ("warn", N_("Pending")),
    "Rejected": ("bad", N_("Rejected")),
}

OUTCOME = {
    "answered": ("ok", N_("answered")),
    "error": ("bad", N_("error")),
    "timeout": ("warn", N_("timeout")),
    "malformed": ("bad", N_("malformed")),
    "dropped": ("warn", N_("dropped")),
    "send": ("calm", N_("unconfirmed")),
}

ROLE = {
    "admin": ("calm", N_("Administrator")),
    "operator": ("calm", N_("Operator")),
    "viewer": ("mute", N_("Viewer")),
}

FACT = {
    "Started": ("busy", N_("Started")),
    "Updated": ("mute", N_("Updated")),
    "Ended": ("calm", N_("Ended")),
}

COMPONENT = {
    "energy": ("mute", N_("kWh")),
    "charging_time": ("mute", N_("Minute of charging")),
    "idle_time": ("mute", N_("Minute of idling")),
    "fixed_fee": ("mute", N_("Session")),
    "reservation_time": ("mute", N_("Minute of reservation")),
    "reservation_fixed": ("mute", N_("Reservation")),
}

PRIORITY = {
    "AlwaysFront": ("busy", N_("Always in front")),
    "InFront": ("calm", N_("In front")),
    "NormalCycle": ("mute", N_("In turn with others")),
}

SHOWN_IN = {
    "": ("mute", N_("In any state")),
    "Charging": ("mute", N_("Charging")),
    "Faulted": ("mute", N_("Faulted")),
    "Idle": ("mute", N_("Idle")),
    "Unavailable": ("mute", N_("Unavailable")),
    "Suspended": ("mute", N_("Charging is suspended")),
    "Discharging": ("mute", N_("Discharging")),
}

VOCABULARIES = {
    "component": COMPONENT,
    "priority": PRIORITY,
    "shown_in": SHOWN_IN,
    "connectivity": CONNECTIVITY,
    "status": STATUS,
    "charging": CHARGING,
    "state": STATE,
    "verdict": VERDICT,
    "boot": BOOT,
    "outcome": OUTCOME,
    "role": ROLE,
    "fact": FACT,
    "operation": operation_words.STATES,
    "preparation": operation_words.PREPARATION,
    "turn": operation_words.TURNS,
    "reservation": reservation_words.RESERVATION,
    "finding": reservation_words.FINDING,
}


def word(vocabulary: str, value: str | None) -> tuple[str, str]:
    """Tone and (untranslated) text of a value; a value of a later version is shown as it is."""
    if value is None:
        return ("mute", "–")
    return VOCABULARIES[vocabulary].get(value, ("mute", value))


ANOMALY: dict[AnomalyKind, tuple[str, str]] = {
    AnomalyKind.REPLAY_DIFFERS: (
        N_("Replay differs"),
        N_("A message repeated an earlier one's key with other content; the first one counts."),
    ),
    AnomalyKind.STOP_WITHOUT_START: (
        N_("Stop without start"),
        N_("An end was reported for a transaction whose start never arrived."),
    ),
    AnomalyKind.STOP_WITHOUT_ID: (
        N_("Stop without id"),
        N_("An end came with id -1 or 0 and was attached to the only transaction that fits."),
    ),
    AnomalyKind.STOP_UNMATCHED: (
        N_("Stop unmatched"),
        N_("An end came without a usable id and fits no transaction, or more than one."),
    ),
    AnomalyKind.START_WHILE_OPEN: (
        N_("Start while open"),
        N_(
            "A transaction began on an EVSE whose previous one never ended; that one is presumed ended."
        ),
    ),
    AnomalyKind.END_AFTER_PRESUMED: (
        N_("Late end"),
        N_("The end of a transaction that was presumed ended did arrive."),
    ),
    AnomalyKind.METER_WENT_BACK: (
        N_("Meter went back"),
        N_("A register fell within a transaction; its energy is held from billing."),
    ),
    AnomalyKind.METER_JUMP: (
        N_("Meter jump"),
        N_("More energy than the EVSE can deliver in the time; held from billing."),
    ),
    AnomalyKind.METER_GAP: (
        N_("Meter gap"),
        N_(
            "A transaction starts at another register value than the previous one on this EVSE ended with."
        ),
    ),
    AnomalyKind.METER_MISSING: (
        N_("Meter missing"),
        N_("A transaction ended without any register value to bill from."),
    ),
    AnomalyKind.CLOCK_IMPLAUSIBLE: (
        N_("Clock implausible"),
        N_(
            "The station's time is before 2015 or more than a day ahead; the time of receipt counts."
        ),
    ),
    AnomalyKind.CLOCK_SKEW: (
        N_("Clock skew"),
        N_("The station's clock differs from ours by more than the allowed skew."),
    ),
    AnomalyKind.EVENTS_MISSING: (
        N_("Events missing"),
        N_("Sequence numbers of a transaction's events have gaps that were not filled in time."),
    ),
    AnomalyKind.END_LOST: (
        N_("End lost"),
        N_(
            "The station says that it has ended and that nothing about it is left to tell; closed at its last reading."
        ),
    ),
    AnomalyKind.FOREIGN_TRANSACTION: (
        N_("Foreign transaction"),
        N_("A station named a transaction that is not its own; no effect."),
    ),
    AnomalyKind.UNAUTHORIZED_ENERGY: (
        N_("Unauthorised energy"),
        N_("Energy was delivered for a token that is not accepted."),
    ),
    AnomalyKind.BENT_RULES: (
        N_("Bent rules"),
        N_("The station's messages break the standard in a way that was tolerated."),
    ),
    AnomalyKind.FLAPPING: (
        N_("Flapping"),
        N_("Connections of this identity replace each other in quick succession."),
    ),
    AnomalyKind.CREDENTIALS_REFUSED: (
        N_("Wrong password"),
        N_("Somebody knocked under this identity with a wrong password, or none."),
    ),
    AnomalyKind.CERTIFICATE_STATUS: (
        N_("Certificate status unknown"),
        N_("Whether a certificate is revoked could not be found out: plug and charge fails here."),
    ),
    AnomalyKind.CERTIFICATE_EXPIRES: (
        N_("Certificate expires"),
        N_(
            "A certificate in the station expires soon, or has: without a new one it trusts nobody."
        ),
    ),
    AnomalyKind.CONTRACT_REFUSED: (
        N_("Contract refused"),
        N_("A car's contract certificate was refused here, whatever its number may be worth."),
    ),
    AnomalyKind.CONTRACT_NOT_INSTALLED: (
        N_("No contract for a car"),
        N_("A car asked for a contract certificate here and got none."),
    ),
    AnomalyKind.STATION_PROBLEM: (
        N_("Station reports a problem"),
        N_(
            "The station's own monitors report a problem; it is resolved when they say that it is over."
        ),
    ),
    AnomalyKind.PAYMENT_NOT_SETTLED: (
        N_("Payment not settled"),
        N_(
            "A driver's payment could not be collected: the provider refused it, or could not be reached."
        ),
    ),
    AnomalyKind.COST_DIFFERS: (
        N_("Cost differs"),
        N_(
            "The station reckoned another cost for a transaction than we did, or could not reckon it."
        ),
    ),
    AnomalyKind.GUESSES: (
        N_("Token guessing"),
        N_("One unknown token after the other was shown here: somebody may be trying out numbers."),
    ),
}


def anomaly(kind: str) -> tuple[str, str]:
    """Title and explanation of a kind of anomaly, untranslated."""
    return ANOMALY[AnomalyKind(kind)] if kind in AnomalyKind._value2member_map_ else (kind, "")


RESULT: dict[Result, tuple[str, str, str]] = {
    Result.ERROR: (
        "bad",
        N_("The station answered with an error"),
        N_("It sent a CALLERROR instead of an answer. Its own words are below."),
    ),
    Result.MALFORMED: (
        "bad",
        N_("The answer could not be read"),
        N_("The station did answer, but not in a form that the standard allows."),
    ),
    Result.TIMEOUT: (
        "warn",
        N_("No answer in time"),
        N_(
            "The call was sent. The station may still carry it out: look at its message log before you repeat it."
        ),
    ),
    Result.OFFLINE: (
        "warn",
        N_("The station is not connected"),
        N_("It has no connection now, or lost it before it answered."),
    ),
    Result.BUSY: (
        "warn",
        N_("Too many calls wait for this station"),
        N_("Nothing was sent. Try again when it has answered the earlier ones."),
    ),
    Result.UNSUPPORTED: (
        "warn",
        N_("Not in this station's OCPP version"),
        N_("Nothing was sent: its version has no such message."),
    ),
    Result.NOT_ALLOWED: (
        "warn",
        N_("Not allowed before the station is accepted"),
        N_("Nothing was sent: a station that waits for acceptance may only be configured."),
    ),
    Result.INVALID: (
        "bad",
        N_("The request breaks the standard"),
        N_("Nothing was sent. What is wrong is below."),
    ),
}
"""All results but ANSWERED, whose text depends on the station's status: tone, title, explanation."""
