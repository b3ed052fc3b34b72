"""What an operator may set on a station: one value per meaning, whatever a version calls it."""

from dataclasses import dataclass, field

from releve.simulator.meter import Measurand
from releve.simulator.network import NetworkProfile

DEFAULT_SAMPLED = (
    Measurand.ENERGY,
    Measurand.POWER,
    Measurand.CURRENT,
    Measurand.VOLTAGE,
    Measurand.SOC,
)


@dataclass(slots=True)
class Behaviour:
    """The writable settings of a station. Times are in seconds, energies in Wh."""

    heartbeat_interval_s: int = 300
    sample_interval_s: int = 60
    aligned_interval_s: int = 0
    ended_interval_s: int = 0
    """2.x: SampledDataCtrlr.TxEndedInterval; 0 = only the first and the last reading."""
    sampled: tuple[Measurand, ...] = DEFAULT_SAMPLED
    aligned: tuple[Measurand, ...] = (Measurand.ENERGY, Measurand.POWER)
    started: tuple[Measurand, ...] = (Measurand.ENERGY,)
    """2.x: SampledDataCtrlr.TxStartedMeasurands."""
    ended: tuple[Measurand, ...] = (Measurand.ENERGY,)
    """1.6: StopTxnSampledData; 2.x: SampledDataCtrlr.TxEndedMeasurands."""
    ended_aligned: tuple[Measurand, ...] = ()
    connection_timeout_s: int = 60
    minimum_status_duration_s: int = 0
    stop_on_ev_disconnect: bool = True
    unlock_on_ev_disconnect: bool = True
    stop_on_invalid_id: bool = True
    max_energy_on_invalid_id_wh: int = 0
    authorize_remote: bool = True
    local_pre_authorize: bool = False
    local_authorize_offline: bool = True
    offline_unknown_id: bool = False
    cache_enabled: bool = True
    master_group: str = ""
    """2.x AuthCtrlr.MasterPassGroupId: a token of this group stops everything, and starts nothing (C16)."""
    local_list_enabled: bool = True
    message_attempts: int = 3
    message_retry_interval_s: int = 60
    reset_retries: int = 1
    ping_interval_s: int = 0
    back_off_minimum_s: int = 5
    back_off_random_s: int = 5
    back_off_repeats: int = 4
    offline_threshold_s: int = 60
    light_intensity: int = 100
    start_points: tuple[str, ...] = ("PowerPathClosed",)
    """2.x: TxCtrlr.TxStartPoint."""
    stop_points: tuple[str, ...] = ("EVConnected", "Authorized")
    """2.x: TxCtrlr.TxStopPoint."""
    auth_enabled: bool = True
    phase_rotation: str = ""
    organisation: str = "Relève"
    """Whose station it is: O in its certificate (2.x OrganizationName, 1.6 CpoName)."""
    authorization_key: str = ""
    """1.6 AuthorizationKey or 2.x BasicAuthPassword, when the CSMS has changed it; write-only."""
    network_priority: str = "1"
    """2.x: slots of network profiles, in the order in which they are tried."""
    network_profiles: dict[int, NetworkProfile] = field(
        default_factory=lambda: {1: NetworkProfile()}
    )
    """How to reach the CSMS, by slot; the first is where the simulation runs."""
    resumption_timeout_s: int = 300
    """2.1 TxCtrlr.ResumptionTimeout; 0: transactions do not outlast a restart (B13)."""
    allow_energy_resumption: bool = True
    """2.1 TxCtrlr.AllowEnergyTransferResumption."""
    connectors_by_event: bool = False
    """2.1: connectors are told by NotifyEvent instead of StatusNotification (G01)."""
    web_payments: bool = False
    """2.1 WebPaymentsCtrlr.Enabled: the display shows codes that lead to a payment (C25)."""
    web_payments_url: str = ""
    """The template of their addresses."""
    web_payments_validity_s: int = 60
    web_payments_length: int = 12
    web_payments_version: str = "v1"
    web_payments_secret: str = ""
    """Write-only."""
    monitoring_enabled: bool = True
    """2.x MonitoringCtrlr.Enabled."""
    offline_queuing_severity: int = 4
    """Events this severe, or more (a lower number), wait for the line."""
    swap_target_soc: int = 80
    """2.1 BatterySwapCtrlr.TargetSoC: a battery this full may go out."""
    swap_max_soc: int = 95
    swap_token: str = ""
    """Whose transactions the charging of batteries is; "": nobody's (NoAuthorization)."""
    swap_out_s: int = 60
    v2x_enabled: bool = True
    """2.1 V2XChargingCtrlr.Enabled, of all EVSEs that can: switched off, cars only charge."""
    extra: dict[str, str] = field(default_factory=dict)
    """Values of the makers' own keys."""
