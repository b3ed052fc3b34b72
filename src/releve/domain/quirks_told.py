"""The quirks in an operator's words: what the station gets wrong, and what is done about it."""

from __future__ import annotations

import msgspec


class Told(msgspec.Struct, frozen=True):
    """A sentence each."""

    wrong: str
    remedy: str


QUIRKS: dict[str, Told] = {
    "clock": Told(
        "Its clock shows local time, which it sends as if it were UTC.",
        "Its times are read as local times of this zone.",
    ),
    "decimal_comma": Told(
        "It writes numbers with a decimal comma.",
        "Numbers are read so, dots between thousands left out.",
    ),
    "measurands": Told(
        "It has measurands of its own, or some that mean nothing.",
        "They are read as these of the standard, or left out.",
    ),
    "stale_contexts": Told(
        "It repeats old readings beside the present ones.",
        "Readings of these contexts do not count where there is another.",
    ),
    "register_restarts": Told(
        "Its energy register starts anew with each transaction.",
        "A gap between two transactions' registers is no anomaly.",
    ),
    "status_before_start": Told(
        "The status of a transaction may come before its start.",
        "The status is taken as it comes; the transaction begins with its start.",
    ),
    "connector_zero": Told(
        "It calls its only connector 0.",
        "What it says of connector 0 is taken as connector 1, and it is told 0 where 1 is meant.",
    ),
    "boots_on_reconnect": Told(
        "It says that it boots whenever it connects.",
        "What is done after a start is not repeated for it.",
    ),
    "bends": Told(
        "It writes these members against the standard.",
        "They are read as far as possible, and not reported as anomalies.",
    ),
    "no_subprotocol": Told(
        "It names no OCPP version when it connects.",
        "It is taken to speak OCPP 1.6.",
    ),
    "hex_password": Told(
        "It presents the hexadecimal text of its key instead of the key.",
        "Both are accepted as its password.",
    ),
    "heartbeat_ignored": Told(
        "It does not take its heartbeat interval from the answer to its boot.",
        "The interval is written to its configuration after each boot.",
    ),
    "no_pong": Told(
        "It does not answer pings.",
        "Silence is not held against it.",
    ),
    "limits": Told(
        "It takes less than it tells, or does not tell.",
        "These limits are kept to.",
    ),
    "one_key_at_a_time": Told(
        "It answers about one configuration key at a time only.",
        "Each key is asked for by itself.",
    ),
    "rate_unit": Told(
        "It takes charging profiles in one unit only.",
        "Limits are converted to this unit.",
    ),
    "stack_levels": Told(
        "It takes charging profiles of some stack levels only.",
        "Profiles are sent with these levels.",
    ),
    "max_periods": Told(
        "Its schedules have few periods.",
        "Longer schedules are refused before they are sent, or cut.",
    ),
    "whole_limits": Told(
        "It takes limits without decimals only.",
        "Limits are rounded down.",
    ),
    "tx_default_only": Told(
        "It obeys the default profile only.",
        "Profiles are sent as TxDefaultProfile.",
    ),
    "profile_kinds": Told(
        "It takes some kinds of charging profiles only.",
        "Profiles are sent as one of these kinds.",
    ),
    "profile_pause_s": Told(
        "It refuses charging profiles that come too often, or wears out by them.",
        "There are so many seconds between two.",
    ),
    "profiles_ignored": Told(
        "It accepts charging profiles and does not always obey them.",
        "What it delivers is compared with what it was told.",
    ),
}
"""By the names of `Quirks`, in their order; a test holds the two together."""
