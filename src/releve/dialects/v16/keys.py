"""The configuration keys that 1.6 names (chapter 9, security extension), with their kinds in 2.1 words.

Stations of 1.6 tell key, value and whether it can be written; what a value has to look like is in the standard only.
"""

from __future__ import annotations

_SECONDS = (
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "HeartbeatInterval",
    "MeterValueSampleInterval",
    "MinimumStatusDuration",
    "TransactionMessageRetryInterval",
    "WebSocketPingInterval",
    "CertSigningWaitMinimum",
)
_INTEGERS = (
    "BlinkRepeat",
    "CertSigningRepeatTimes",
    "CertificateSignedMaxChainSize",
    "CertificateStoreMaxLength",
    "ChargeProfileMaxStackLevel",
    "ChargingScheduleMaxPeriods",
    "ConnectorPhaseRotationMaxLength",
    "GetConfigurationMaxKeys",
    "LocalAuthListMaxLength",
    "MaxChargingProfilesInstalled",
    "MeterValuesAlignedDataMaxLength",
    "MeterValuesSampledDataMaxLength",
    "NumberOfConnectors",
    "ResetRetries",
    "SendLocalListMaxLength",
    "StopTxnAlignedDataMaxLength",
    "StopTxnSampledDataMaxLength",
    "SupportedFeatureProfilesMaxLength",
    "SupportedFileTransferProtocolsMaxLength",
    "TransactionMessageAttempts",
)
_BOOLEANS = (
    "AdditionalRootCertificateCheck",
    "AllowOfflineTxForUnknownId",
    "AuthorizationCacheEnabled",
    "AuthorizeRemoteTxRequests",
    "CentralContractValidationAllowed",
    "ConnectorSwitch3to1PhaseSupported",
    "ContractValidationOffline",
    "ISO15118PnCEnabled",
    "LocalAuthListEnabled",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "ReserveConnectorZeroSupported",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
    "UnlockConnectorOnEVSideDisconnect",
)
_LISTS = (
    "ChargingScheduleAllowedChargingRateUnit",
    "ConnectorPhaseRotation",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "SupportedFeatureProfiles",
    "SupportedFileTransferProtocols",
)
_KINDS: dict[str, dict[str, str]] = {
    **{key: {"data_type": "integer", "unit": "s"} for key in _SECONDS},
    **{key: {"data_type": "integer"} for key in _INTEGERS},
    **{key: {"data_type": "boolean"} for key in _BOOLEANS},
    **{key: {"data_type": "SequenceList"} for key in _LISTS},
    "LightIntensity": {"data_type": "integer", "unit": "%"},
    "MaxEnergyOnInvalidId": {"data_type": "integer", "unit": "Wh"},
    "SecurityProfile": {"data_type": "OptionList", "values_list": "0,1,2,3"},
    "CpoName": {"data_type": "string"},
}
_BY_FOLDED = {key.casefold(): kind for key, kind in _KINDS.items()}


def kind_of(key: str) -> dict[str, str]:
    """data_type, unit and values_list of a key, as far as the standard tells; keys of a maker's own have none."""
    return _BY_FOLDED.get(key.casefold(), {})
