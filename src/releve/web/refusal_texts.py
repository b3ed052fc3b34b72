"""What the services of stations' upkeep, security and provisioning refuse, by file: `{}` where a value stands."""

from __future__ import annotations

from releve.web.i18n import N_

TEXTS = (
    # networks
    N_("A slot can stand in the order only once."),
    N_("Repeat the station's identity to confirm."),
    N_("The new profile's slot is not one to fall back to."),
    # tariffs
    N_("A tariff's name has 1 to 59 letters, digits, spaces and any of . _ + -"),
    N_("The currency is a code of three capital letters, as in EUR."),
    N_("A tariff needs a price of something: energy, time, idling or a fee."),
    N_("There is no time zone {}; try Europe/Paris."),
    N_("A text has 1 to {} characters."),
    N_("A tariff has at most {} texts."),
    N_("The language is a code such as en, fr or fr-CH."),
    N_("A component has at most {} taxes."),
    N_("There is no such tariff."),
    N_("There is a tariff named {} already."),
    N_("{} is for everyone already: give one of them a later start."),
    # batteries, der
    N_("This token is not authorised ({}): it may not swap."),
    N_("The id has 1 to 36 characters."),
    # station_tariffs, payments
    N_("It is charged in {}: a transaction cannot change its currency."),
    N_("Tariffs are switched off at this station (TariffCostCtrlr.Enabled[Tariff])."),
    N_(
        "The tariff has {} prices in one component, the station takes {} (TariffCostCtrlr.MaxElements)."
    ),
    N_(
        "The tariff has conditions, and the station supports none (TariffCostCtrlr.ConditionsSupported)."
    ),
    N_("Only a payment whose transaction has not begun can be cancelled."),
    # web_payments
    N_("A code is valid for 10 seconds to one hour."),
    N_("The password has 6 to 32 characters."),
    N_("The amount to authorise is more than nothing."),
    # customers
    N_("Ask for a report, for clearing, or for both."),
    N_("Name the customer in exactly one way: token, identifier or certificate."),
    N_("At most {} characters."),
    N_("There is no such request for a customer's information."),
    # publishing
    N_("This local controller does not publish the image."),
    N_("The MD5 checksum of the image has 32 hexadecimal digits."),
    # preparations
    N_("Passwords and keys are not prepared: set them once it is accepted."),
    N_("Nothing is prepared for this station."),
    # variable_lines
    N_("Line {}: write it as Component / Variable = value."),
    N_("Line {}: this variable stands above already."),
    N_("Line {}: a value has at most {} characters."),
    N_("At most {} variables are taken."),
    # quirks
    N_("There is no limit {}."),
    N_("There is no quirk {}."),
    N_("This is no value for {}: {}."),
    # firmware
    N_("This image has no signature: sign it, or update unsigned."),
    N_("It cannot be installed before it is fetched."),
    N_("The time of installation has passed."),
    N_("0 to {} retries."),
    N_("0 to {} seconds."),
    N_("This is more than a year ahead."),
    # images
    N_("An address begins with one of {}."),
    N_("An address for stations has no fragment (#…)."),
    N_("An address has at most {} characters."),
    N_("Only an uploaded image can be signed here."),
    N_("Name a key, or give a signature with its certificate."),
    N_("There is no such firmware image."),
    N_("A key has a name of at most 100 characters."),
    N_("A given key comes with its certificate."),
    N_("The certificate is another key's."),
    N_("There is no such signing key."),
    N_("A signature comes with the certificate of its signer."),
    N_("A key of this name is there already."),
    N_("The signature is not that of this file by this certificate."),
    N_("A roll-out of this image goes on: cancel it first."),
    # logs
    N_("The end lies before the beginning."),
    # monitors
    N_("Name at least one monitor."),
    N_("At most {} monitors at a time."),
    N_("Only a periodic monitor can have a stream."),
    N_("A stream needs an interval or a number of values."),
    N_("A severity is 0 (danger) to 9 (debug)."),
    N_("A monitor watches a variable of a component."),
    N_("A periodic monitor tells every so many seconds: more than 0."),
    # rollouts
    N_("This image has no signature."),
    N_("1 to {} stations at a time."),
    N_("1 to {} stations."),
    N_("The image is for {} {}; {} is {} {}."),
    N_("There is no such roll-out."),
    N_("This roll-out has ended already."),
    # signatures
    N_("Firmware is signed with an RSA or an elliptic key."),
    N_("The certificate of the image's signer expired on {}."),
    N_("The certificate of the image's signer is not valid before {}."),
    N_("A signature has at most {} characters."),
    N_("This is no private key in PEM form without a passphrase."),
    N_("A signature is Base64."),
    # files
    N_("This server offers no files over HTTPS: set RELEVE_HTTP_TLS_PORT or RELEVE_FILES_URL."),
    N_("The file is empty."),
    N_("The file has more than {} bytes."),
    N_("There is no room for the file: remove others first."),
    # operations
    N_("This operation has ended already."),
    # stations
    N_("A security profile is 0 to {}."),
    N_("Security profile {} needs a password."),
    N_("With security profile 0 no password is asked."),
    # station_certificates
    N_("{} is not installed: it is signed (SignCertificate)."),
    N_("This certificate is not that of an authority: it may not issue certificates."),
    N_("This certificate expired on {}."),
    N_("The station has no such certificate, as far as is known here."),
    N_("This is the certificate with which the station signs in here: it is renewed, not deleted."),
    N_(
        "This is the only CSMS root certificate that the station is known to have. Without one it cannot verify any "
        "CSMS, and cannot connect again. Say even_last to delete it all the same."
    ),
    N_("Fetch the station's list first: how it names this certificate is not known yet."),
    # security/authorities
    N_("There is a certificate authority already."),
    N_("The {} has 1 to {} characters on one line."),
    N_("There is no such certificate authority."),
    # security/events
    N_("This security event has been acknowledged already."),
    # security/guard
    N_(
        "A station's password is changed by password/change, which accepts the old one until the station has taken "
        "the new one: written like any other variable it could lock the station out."
    ),
    # security/passwords
    N_("A station's password has 16 to 40 letters, digits or * - _ = : + | @ ."),
    N_(
        "The password of an OCPP 1.6 station has 16 to 20 characters, or 32 to 40 hexadecimal digits."
    ),
    N_("The station is not connected: its password can only be changed while it is."),
    N_("This station does not prove who it is by a password: its security profile is {}."),
    N_("No change of the password is open."),
    # security/profiles
    N_("The station is not connected."),
    N_("Its security profile is being changed already: wait for it, or cancel that."),
    N_("A security profile is 1 to {}."),
    N_("The station uses security profile {} already."),
    N_(
        "A security profile is not lowered over OCPP, but from 3 to 2 where the station's variable "
        "AllowSecurityProfileDowngrade is true."
    ),
    N_("Stations cannot come in over TLS here yet: set RELEVE_STATION_TLS_PORT."),
    N_("The station has no password yet: set one first."),
    N_(
        "The station has no certificate yet: renew its certificate first, or set the name in the one it has."
    ),
    N_("This would lower the security profile from {} to {}: confirm it."),
    N_("The name in a certificate has at most 64 characters on one line."),
    # security/trust_desk
    N_("At most {} organisations can be accepted."),
    N_("An organisation's name has at most 64 characters on one line."),
    N_("A certificate has to last longer than the days before its end at which it is renewed."),
    N_("There is a newer list of this authority already."),
    N_("There is no such revocation list."),
    N_("A certificate lasts 1 to {} days."),
    N_("Renewal begins 0 to {} days before."),
    N_("The authority's organisation has to stay among those accepted."),
    # trusted_authorities
    N_("Say what this authority is believed for."),
    N_("This certificate is too weak: {}."),
    N_("{} may not issue certificates."),
    N_("{} expired on {}."),
    N_("There is no such authority."),
    N_("An operator keeps at most {} authorities."),
    # certificates/authority
    N_("The private key has to be RSA or on an elliptic curve."),
    N_("This private key cannot be read: {}"),
    # certificates/issuing
    N_("A certificate is being renewed already: wait for it, or cancel that."),
    N_("There is no certificate authority yet: create it first."),
    N_("There is no such certificate of this station."),
    N_("This certificate is revoked already."),
    # certificates/pem
    N_("This text is too long for a chain of certificates."),
    N_("This is no certificate in PEM form (-----BEGIN CERTIFICATE-----)."),
    N_("This certificate cannot be read: {}"),
)
