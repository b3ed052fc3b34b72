"""Every setting, its default, and its environment variable `RELEVE_<NAME>`.

A value is read from the environment, then from the file that `RELEVE_CONFIG` names (TOML, keys in lower case), then the
default. `docs/settings.md` is made from this module.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import quote

import msgspec

PREFIX = "RELEVE_"
MIB = 1024 * 1024
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104


class SettingsError(Exception):
    """A setting cannot be used; the text says which, what it was and what is wanted."""


def _(text: str, least: float | None = None, most: float | None = None) -> msgspec.Meta:
    return msgspec.Meta(description=text, ge=least, le=most)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings. Durations are seconds, sizes bytes."""

    database_url: Annotated[
        str, _("sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE")
    ] = "sqlite:///var/releve.db"
    secret_file: Annotated[
        str, _("File with this install's secret (pepper of station passwords); made when missing")
    ] = "var/releve.secret"  # noqa: S105 - a path

    http_host: Annotated[str, _("Address on which console and API listen")] = "127.0.0.1"
    http_port: Annotated[int, _("Port of console and API", 0, 65535)] = 8080
    public_url: Annotated[
        str, _("The console's address as browsers see it; empty: http://host:port")
    ] = ""
    http_secure: Annotated[
        bool, _("Cookies are sent over HTTPS only; set it where the console is behind TLS")
    ] = False

    station_host: Annotated[str, _("Address on which stations connect")] = "0.0.0.0"  # noqa: S104
    station_port: Annotated[int, _("Port on which stations connect (WebSocket)", 0, 65535)] = 9000
    station_prefixes: Annotated[
        tuple[str, ...], _("Path prefixes before a station's identity, separated by commas")
    ] = ("/ocpp", "/")
    station_url: Annotated[
        str, _("Address to give to stations, without the identity; empty: made from host and port")
    ] = ""
    station_tls_port: Annotated[int, _("Port for stations over TLS; 0: none", 0, 65535)] = 0
    tls_certificates: Annotated[
        tuple[str, ...],
        _("PEM certificate chains, separated by commas; one RSA and one ECDSA serve every station"),
    ] = ()
    tls_keys: Annotated[
        tuple[str, ...], _("PEM private keys, in the order of the certificates")
    ] = ()
    station_certificate_port: Annotated[
        int,
        _(
            "Port for stations with certificates alone (security profile 3); 0: they share the port for TLS",
            0,
            65535,
        ),
    ] = 0
    station_tls_url: Annotated[
        str,
        _(
            "Address to give to stations over TLS, without the identity; empty: made from host and port"
        ),
    ] = ""
    signing_url: Annotated[
        str,
        _("Certificate authority's address that signs stations' requests; empty: the built-in one"),
    ] = ""
    signing_token: Annotated[str, _("Bearer token for the certificate authority")] = ""
    trusted_proxies: Annotated[
        tuple[str, ...], _("Addresses or networks whose X-Forwarded-For is believed")
    ] = ()

    unknown_stations: Annotated[
        str,
        _(
            "What happens to unregistered stations: refuse (404), quarantine (inbox), accept (laboratory)"
        ),
    ] = "refuse"
    hide_unknown_stations: Annotated[
        bool,
        _("Refused unregistered stations get 401 as for a wrong password: guesses tell nothing"),
    ] = False
    unknown_tokens: Annotated[
        str, _("Tokens nobody registered: reject, or accept (free charging)")
    ] = "reject"
    direct_payments: Annotated[
        str,
        _("Payments that a station's own terminal has had authorised: accept, or reject"),
    ] = "accept"
    payment_provider: Annotated[
        str,
        _("Who collects payments: none, manual (a demonstration), or an installed provider's name"),
    ] = "none"
    web_payment_lock: Annotated[
        int, _("How long a station keeps an EVSE for a driver who is paying on a page", 10, 3600)
    ] = 180
    vat_register: Annotated[
        str, _("VAT numbers of drivers: format (their form and check digit), or vies (asked, too)")
    ] = "format"
    local_list_delay: Annotated[
        float,
        _("How long the register of tokens rests before stations' local lists follow it", 0, 3600),
    ] = 1.0
    heartbeat_interval: Annotated[int, _("Heartbeat interval told to stations", 1, 7 * 86400)] = 300
    boot_retry_interval: Annotated[
        int, _("Wait before the next BootNotification of a pending or rejected station", 1, 86400)
    ] = 60
    boot_jitter: Annotated[
        float,
        _("Share by which these intervals differ from station to station; 0: not at all", 0, 0.5),
    ] = 0.1
    cost_interval: Annotated[
        int,
        _(
            "How often a driver is told the cost so far (CostUpdated, 2.x), seconds; 0: only in answers to events",
            0,
            86400,
        ),
    ] = 60
    call_timeout: Annotated[float, _("How long a station may take to answer a call", 0.1, 3600)] = (
        30.0
    )
    ping_interval: Annotated[
        float, _("WebSocket pings to stations that say nothing; 0: none", 0)
    ] = 60.0
    ping_timeout: Annotated[
        float, _("A station that answers no ping for so long is cut off; 0: never", 0)
    ] = 40.0
    handshake_timeout: Annotated[
        float, _("Longest time for each phase of a handshake", 0.1, 3600)
    ] = 10.0
    max_message: Annotated[int, _("Largest message from a station", 1024)] = 256 * 1024
    max_send_queue: Annotated[
        int, _("Bytes that may wait for a slow station before it is cut off", 1024)
    ] = 1024 * 1024
    max_handshakes: Annotated[
        int, _("Handshakes at the same time; more are told to come back (503)", 1)
    ] = 500

    max_handshakes_per_address: Annotated[
        int, _("The same from one address; trusted proxies are exempt", 1)
    ] = 400

    outgoing_networks: Annotated[
        tuple[str, ...],
        _(
            "Private networks into which certificate status and contract certificates may be asked for, separated by "
            "commas; elsewhere only public addresses are"
        ),
    ] = ()
    certificate_status_timeout: Annotated[
        float, _("How long a station waits at most while certificate status is asked for", 0.5, 60)
    ] = 8.0
    unverified_certificate_status: Annotated[
        str,
        _(
            "Status of certificates whose authority is not known here: refuse, or accept (laboratories)"
        ),
    ] = "refuse"
    client_certificate_status: Annotated[
        str,
        _(
            "Stations' certificates of other authorities: off, soft (asked about when they have come in), or hard "
            "(they come in once known to be good)"
        ),
    ] = "soft"
    certificate_warning_days: Annotated[
        int, _("Days before a station's certificates expire at which it is flagged; 0: never", 0)
    ] = 30
    contract_provider_url: Annotated[
        str, _("Where contract certificates for cars come from; empty: from nowhere")
    ] = ""
    contract_provider_speaks: Annotated[
        str, _("opcp (JSON, as contract certificate pools do), or exi (the bytes alone)")
    ] = "opcp"
    contract_provider_token: Annotated[str, _("Bearer token for that provider; empty: none")] = ""
    contract_provider_timeout: Annotated[
        float, _("How long the provider may take; cars give up after 5 seconds", 0.5, 60)
    ] = 4.5
    http_tls_port: Annotated[
        int,
        _(
            "Port of console, API and files over TLS, with RELEVE_TLS_CERTIFICATES; 0: none",
            0,
            65535,
        ),
    ] = 0
    files_dir: Annotated[
        str, _("Directory of files that stations hand in and fetch; made when missing")
    ] = "var/files"
    files_url: Annotated[
        str,
        _(
            "Address under which stations reach this server's files (logs, firmware); empty: made from host and port"
        ),
    ] = ""
    files_log_size: Annotated[int, _("Largest log that a station may hand in", 1024)] = 256 * MIB
    files_firmware_size: Annotated[int, _("Largest firmware image", 1024)] = 1024 * MIB
    files_quota: Annotated[int, _("What all files of an operator may take together", 1024)] = (
        20 * 1024 * MIB
    )
    files_log_days: Annotated[
        int, _("Days for which logs that stations handed in are kept; 0: for ever", 0, 36_500)
    ] = 90
    monitor_event_days: Annotated[
        int, _("Days for which monitors' events and streams are kept; 0: for ever", 0, 36_500)
    ] = 90
    customer_information_days: Annotated[
        int, _("Days for which what a station told of a customer is kept", 1, 366)
    ] = 7

    message_log_days: Annotated[
        int, _("Days for which stations' messages are kept; 0: for ever", 0)
    ] = 30
    event_days: Annotated[
        int, _("Days for which announced events can be replayed from; 0: for ever", 0)
    ] = 30
    samples_raw_days: Annotated[
        int,
        _(
            "Days for which meter samples are kept as they came; then as quarters of an hour. 0: for ever",
            0,
            36_500,
        ),
    ] = 90
    report_delay: Annotated[
        float,
        _(
            "Seconds after which a new or updated station is asked for its variables; -1: never",
            -1,
            86_400,
        ),
    ] = 30.0
    quirks_folder: Annotated[
        str, _("Folder with tables of quirks of your own (*.toml); empty: only those shipped")
    ] = ""
    log_level: Annotated[str, _("debug, info, warning or error")] = "info"
    log_format: Annotated[str, _("text for people, json for machines")] = "text"

    @property
    def console_url(self) -> str:
        return (
            self.public_url.rstrip("/") or f"http://{_reachable(self.http_host)}:{self.http_port}"
        )

    @property
    def stations_at(self) -> str:
        """The address to give to stations; the identity is appended to it."""
        if self.station_url:
            return self.station_url.rstrip("/")
        prefix = self.station_prefixes[0].rstrip("/")
        return f"ws://{_reachable(self.station_host)}:{self.station_port}{prefix}"

    def stations_at_over_tls(self, profile: int) -> str:
        """The address for stations of security profile 2 or 3; the identity is appended to it. Empty without TLS."""
        port = self.station_tls_port
        if profile == 3 and self.station_certificate_port:
            port = self.station_certificate_port
        elif self.station_tls_url:
            return self.station_tls_url.rstrip("/")
        prefix = self.station_prefixes[0].rstrip("/")
        return f"wss://{_reachable(self.station_host)}:{port}{prefix}" if port else ""

    @property
    def stations_anywhere(self) -> bool:
        """Whether stations may connect by any of this machine's addresses."""
        return self.station_host in EVERYWHERE

    def station_address(self, identity: str) -> str:
        """What to enter at the station with this identity, for stations that do not add it themselves."""
        return f"{self.stations_at}/{quote(identity, safe='')}"


def _reachable(host: str) -> str:
    if host in EVERYWHERE or host == "127.0.0.1":
        return "localhost"
    return f"[{host}]" if ":" in host else host


def load(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings. overrides win over everything; None among them means "not given"."""
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    if path := environment.get(PREFIX + "CONFIG"):
        values.update(_file(Path(path)))
    for name in Settings.__struct_fields__:
        text = environment.get(PREFIX + name.upper())
        if text is not None:
            values[name] = text
    values.update({k: v for k, v in overrides.items() if v is not None})
    hints = get_type_hints(Settings)
    for name, value in values.items():
        if name in hints and hints[name] == tuple[str, ...] and isinstance(value, str):
            values[name] = [part.strip() for part in value.split(",") if part.strip()]
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting cannot be used: {_named(str(error))}") from error
    return _checked(settings)


def _named(problem: str) -> str:
    """msgspec's words with the setting's own name: not `$.http_port` but RELEVE_HTTP_PORT."""
    return re.sub(r"`\$\.(\w+)\S*`", lambda found: PREFIX + found[1].upper(), problem)


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML ({error})") from error


CHOICES = {
    "unknown_stations": ("refuse", "quarantine", "accept"),
    "unknown_tokens": ("reject", "accept"),
    "unverified_certificate_status": ("refuse", "accept"),
    "client_certificate_status": ("off", "soft", "hard"),
    "contract_provider_speaks": ("opcp", "exi"),
    "vat_register": ("format", "vies"),
    "direct_payments": ("accept", "reject"),
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": ("text", "json"),
}
"""Settings that are one of a few words."""


def _checked(settings: Settings) -> Settings:
    for name, allowed in CHOICES.items():
        value = getattr(settings, name)
        if value not in allowed:
            raise SettingsError(
                f"{PREFIX}{name.upper()} is {value!r}; it may be {', '.join(allowed)}."
            )
    if not settings.station_prefixes:
        raise SettingsError(f"{PREFIX}STATION_PREFIXES needs at least one path, such as /ocpp.")
    if not settings.database_url.startswith(("sqlite:///", "postgresql://")):
        raise SettingsError(f"{PREFIX}DATABASE_URL starts with sqlite:/// or postgresql://")
    if len(settings.tls_certificates) != len(settings.tls_keys):
        raise SettingsError(
            f"{PREFIX}TLS_CERTIFICATES and {PREFIX}TLS_KEYS need the same number of files."
        )
    if settings.http_tls_port and not settings.tls_certificates:
        raise SettingsError(
            f"{PREFIX}HTTP_TLS_PORT needs {PREFIX}TLS_CERTIFICATES and {PREFIX}TLS_KEYS."
        )
    if settings.files_url and not settings.files_url.startswith(("http://", "https://")):
        raise SettingsError(f"{PREFIX}FILES_URL begins with http:// or https://")
    if settings.station_certificate_port and not settings.station_tls_port:
        raise SettingsError(f"{PREFIX}STATION_CERTIFICATE_PORT needs {PREFIX}STATION_TLS_PORT.")
    if settings.signing_url and not settings.signing_url.startswith(("https://", "http://")):
        raise SettingsError(f"{PREFIX}SIGNING_URL starts with https:// or http://")
    if settings.station_tls_port and not settings.tls_certificates:
        raise SettingsError(
            f"{PREFIX}STATION_TLS_PORT needs {PREFIX}TLS_CERTIFICATES and {PREFIX}TLS_KEYS."
        )
    return settings
