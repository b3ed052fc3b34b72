"""A network profile as a form: how a station reaches a CSMS (B09)."""

from __future__ import annotations

import re

from releve.domain.provisioning import (
    Apn,
    ApnAuthentication,
    NetworkProfile,
    OcppInterface,
    Vpn,
    VpnType,
)
from releve.domain.security import TLS_FROM
from releve.services.errors import Invalid
from releve.web.forms import Form
from releve.web.i18n import N_

FIELDS = (
    "slot",
    "url",
    "security_profile",
    "interface",
    "timeout_s",
    "identity",
    "password",
    "vpn_type",
    "vpn_server",
    "vpn_user",
    "vpn_group",
    "vpn_password",
    "vpn_key",
    "apn",
    "apn_user",
    "apn_password",
    "apn_sim_pin",
    "apn_network",
    "apn_authentication",
)
"""Fields that say themselves what is wrong with them."""
HIGHEST_SLOT = 99
_URL = re.compile(r"wss?://[^\x00-\x20]+")
_NETWORK = re.compile(r"[0-9]{5,6}")


def slot_of(form: Form, name: str = "slot") -> int:
    """The number of a configuration slot."""
    form.required(name)
    slot = form.integer(name, most=HIGHEST_SLOT)
    assert slot is not None
    return slot


def slots_of(form: Form, name: str) -> list[int]:
    """Numbers of slots in their order, with commas or spaces between."""
    words = form.text(name).replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and int(word) <= HIGHEST_SLOT for word in words):
        raise Invalid(N_("Numbers of slots, 0 to 99, with commas between."), field=name)
    return [int(word) for word in words]


def profile_of(form: Form) -> NetworkProfile:
    """The profile; Invalid names the field that is wrong."""
    security_profile = int(form.choice("security_profile", ("0", "1", "2", "3")))
    return NetworkProfile(
        url=address_of(form, security_profile),
        security_profile=security_profile,
        interface=OcppInterface(form.choice("interface", tuple(OcppInterface))),
        timeout_s=form.integer("timeout_s", least=1, most=3600) or 30,
        identity=limited(form, "identity", 48),
        password=limited(form, "password", 64),
        vpn=_vpn(form) if form.flag("vpn") else None,
        apn=_apn(form) if form.flag("mobile") else None,
    )


def address_of(form: Form, security_profile: int) -> str:
    """Where a CSMS is reached with a security profile: the field `url`."""
    url = limited(form, "url", 2000)
    if not _URL.fullmatch(url):
        raise Invalid(N_("The address starts with ws:// or wss://"), field="url")
    if security_profile >= TLS_FROM and not url.startswith("wss://"):
        raise Invalid(N_("From security profile 2 on the address starts with wss://"), field="url")
    return url


def _vpn(form: Form) -> Vpn:
    for name in ("vpn_server", "vpn_user", "vpn_password", "vpn_key"):
        form.required(name)
    return Vpn(
        type=VpnType(form.choice("vpn_type", tuple(VpnType))),
        server=limited(form, "vpn_server", 2000),
        user=limited(form, "vpn_user", 50),
        group=limited(form, "vpn_group", 50),
        password=limited(form, "vpn_password", 64),
        key=limited(form, "vpn_key", 255),
    )


def _apn(form: Form) -> Apn:
    form.required("apn")
    network = form.text("apn_network")
    if network and not _NETWORK.fullmatch(network):
        raise Invalid(N_("Five or six digits: MCC and MNC together."), field="apn_network")
    return Apn(
        apn=limited(form, "apn", 2000),
        user=limited(form, "apn_user", 50),
        password=limited(form, "apn_password", 64),
        sim_pin=form.integer("apn_sim_pin", most=99_999_999),
        preferred_network=network,
        only_preferred=form.flag("apn_only"),
        authentication=ApnAuthentication(
            form.choice("apn_authentication", tuple(ApnAuthentication))
        ),
    )


def limited(form: Form, name: str, most: int) -> str:
    """A text of at most so many characters."""
    text = form.text(name)
    if len(text) > most:
        raise Invalid(N_("This is too long."), field=name)
    return text


def filled(profile: NetworkProfile, slot: int) -> dict[str, str]:
    """The form of a profile that is known; its secrets are not, so they have to be given again."""
    values = {
        "slot": str(slot),
        "url": profile.url,
        "security_profile": str(profile.security_profile),
        "interface": str(profile.interface),
        "timeout_s": str(profile.timeout_s),
        "identity": profile.identity,
    }
    if (vpn := profile.vpn) is not None:
        values |= {"vpn": "yes", "vpn_type": str(vpn.type), "vpn_server": vpn.server}
        values |= {"vpn_user": vpn.user, "vpn_group": vpn.group}
    if (apn := profile.apn) is not None:
        values |= {"mobile": "yes", "apn": apn.apn, "apn_user": apn.user}
        values |= {
            "apn_network": apn.preferred_network,
            "apn_only": "yes" if apn.only_preferred else "",
            "apn_authentication": str(apn.authentication),
        }
    return values
