"""Operations in an operator's words: their states, and what each kind is called. One line a kind, by name."""

from __future__ import annotations

from releve.web.i18n import N_

STATES = {
    "asked": ("calm", N_("Asked")),
    "running": ("busy", N_("Under way")),
    "done": ("ok", N_("Done")),
    "failed": ("bad", N_("Failed")),
    "cancelled": ("mute", N_("Cancelled")),
    "expired": ("warn", N_("Nothing heard")),
    "open": ("busy", N_("Not ended")),
}

TURNS = {
    "waiting": ("mute", N_("Waits for its turn")),
    "running": ("busy", N_("Under way")),
    "done": ("ok", N_("Done")),
    "failed": ("bad", N_("Failed")),
    "skipped": ("mute", N_("Left out")),
}
"""Where a station of a roll-out stands."""

PROGRESS = {
    "DownloadScheduled": N_("will be downloaded"),
    "DownloadPaused": N_("download paused"),
    "Downloading": N_("downloading"),
    "Downloaded": N_("downloaded"),
    "DownloadFailed": N_("download failed"),
    "SignatureVerified": N_("signature verified"),
    "InstallScheduled": N_("will be installed"),
    "Installing": N_("installing"),
    "InstallRebooting": N_("restarting"),
    "Installed": N_("installed"),
    "InstallationFailed": N_("installation failed"),
    "InstallVerificationFailed": N_("what was installed is not right"),
    "InvalidSignature": N_("signature not valid"),
    "InvalidCertificate": N_("certificate not valid"),
    "RevokedCertificate": N_("certificate revoked"),
    "InvalidChecksum": N_("checksum not right"),
    "ChecksumVerified": N_("checksum right"),
    "Published": N_("published"),
    "PublishFailed": N_("could not be published"),
    "Uploading": N_("being handed in"),
    "Uploaded": N_("handed in"),
    "UploadFailure": N_("could not be handed in"),
    "UploadFailed": N_("could not be handed in"),
    "PermissionDenied": N_("may not be handed in"),
    "BadMessage": N_("not understood"),
    "NotSupportedOperation": N_("not supported"),
    "AcceptedCanceled": N_("takes the place of the one before"),
    "WaitingForStation": N_("until the station comes back"),
    "Left": N_("on its way to the other system"),
    "Back": N_("connected here again, not restarted yet"),
    "Returned": N_("came back here"),
    "Here": N_("came by its new profile"),
}
"""Status words of stations, and ours, by which an operation is followed."""

PREPARATION = {
    "prepared": ("calm", N_("Waits for the next boot")),
    "running": ("busy", N_("Under way")),
    "done": ("ok", N_("Done")),
    "failed": ("bad", N_("Failed")),
}

KINDS = {
    "base-report": N_("Report of all variables"),
    "battery-swap": N_("Battery swap"),
    "certificate": N_("New certificate for the station"),
    "charging-profiles-report": N_("Report of charging profiles"),
    "custom-report": N_("Report of some variables"),
    "customer-information": N_("Customer information"),
    "der-controls": N_("Report of DER controls"),
    "display-messages": N_("Report of display messages"),
    "firmware-publish": N_("Publishing of firmware"),
    "firmware-update": N_("Firmware update"),
    "local-list": N_("Local list"),
    "log": N_("Log"),
    "migration": N_("Leaving for another CSMS"),
    "monitoring-report": N_("Report of monitors"),
    "password": N_("New password"),
    "security-profile": N_("Change of security profile"),
    "v2g-certificate": N_("New V2G certificate"),
}

SEVERITIES = (
    N_("Danger"),
    N_("Hardware failure"),
    N_("System failure"),
    N_("Critical"),
    N_("Error"),
    N_("Alert"),
    N_("Warning"),
    N_("Notice"),
    N_("Informational"),
    N_("Debug"),
)
"""How grave an event is, 0 to 9."""


def progress_word(status: str) -> str:
    """A status word in an operator's words, untranslated; as it is when it has none."""
    return PROGRESS.get(status, status)


def operation_kind(kind: str) -> str:
    """What a kind of operation is called, untranslated; its own name when it has no words yet."""
    return KINDS.get(kind, kind.replace("-", " ").capitalize())
