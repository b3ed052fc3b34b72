"""All services in one bundle, as handlers, the API and the console get them. Built by `app.py`."""

from __future__ import annotations

from dataclasses import dataclass

from releve.services.access import AccessControl
from releve.services.anomalies import AnomalyDesk
from releve.services.authorization import Authorization
from releve.services.availability import Availability
from releve.services.batteries import Batteries
from releve.services.certificates.issuing import Certificates
from releve.services.commands import Commands
from releve.services.contracts import Contracts
from releve.services.cost_telling import CostTelling
from releve.services.costs import Costs
from releve.services.customers import Customers
from releve.services.data_transfer import DataTransfers
from releve.services.der import DerControls
from releve.services.device_model import DeviceModel
from releve.services.displays import Displays
from releve.services.ev_certificates import EvCertificates
from releve.services.files import FileDesk
from releve.services.firmware import Firmware
from releve.services.gaps import Gaps
from releve.services.images import Images
from releve.services.limit_watch import LimitWatch
from releve.services.limits import Limits
from releve.services.local_list_upkeep import ListUpkeep
from releve.services.local_lists import LocalLists
from releve.services.logs import Logs
from releve.services.metering import Metering
from releve.services.monitors import Monitors
from releve.services.networks import Networks
from releve.services.offers import Offers
from releve.services.operations import Operations
from releve.services.payments import PaymentDesk
from releve.services.ports import Store
from releve.services.preparations import Preparations
from releve.services.provisioning import Provisioning
from releve.services.publishing import Publishing
from releve.services.quirk_desk import QuirkDesk
from releve.services.reports import Reports
from releve.services.reservations import Reservations
from releve.services.revocation import Revocations
from releve.services.rollouts import Rollouts
from releve.services.security.bundle import Security
from releve.services.security.client_status import ClientStatus
from releve.services.settlements import Settlements
from releve.services.smart_charging.dynamic import DynamicProfiles
from releve.services.smart_charging.limits import ChargingLimits
from releve.services.smart_charging.needs import ChargingNeedsDesk
from releve.services.smart_charging.planning import LimitPlanner
from releve.services.smart_charging.profiles import SmartCharging
from releve.services.smart_charging.schedules import CompositeSchedules
from releve.services.station_certificates import StationCertificates
from releve.services.station_events import StationEvents
from releve.services.station_tariffs import StationTariffs
from releve.services.stations import StationDesk
from releve.services.streams import Streams
from releve.services.tariffs import TariffDesk
from releve.services.tokens import TokenDesk
from releve.services.transaction_limits import TransactionLimits
from releve.services.transactions import Transactions
from releve.services.trusted_authorities import TrustedAuthorities
from releve.services.v2g_authorities import V2gAuthorities
from releve.services.v2g_certificates import V2gCertificates
from releve.services.v2x import V2x
from releve.services.vat_numbers import VatNumbers
from releve.services.web_payments import WebPaymentDesk


@dataclass(frozen=True, slots=True)
class Services:
    store: Store
    provisioning: Provisioning
    """B: boot, heartbeat, variables as reported."""
    authorization: Authorization
    """C: may this token charge?"""
    local_list: LocalLists
    """D: stations' local authorization lists."""
    payments: PaymentDesk
    """C: payments that begin outside the station."""
    settlements: Settlements
    """C: what becomes of the money."""
    web_payments: WebPaymentDesk
    """C: QR codes that lead to a payment."""
    vat_numbers: VatNumbers
    """C: are they right?"""
    list_upkeep: ListUpkeep
    """D: keeps the lists in step; a chore's affair."""
    transactions: Transactions
    """E: the ledger."""
    preparations: Preparations
    """B: what is done at a station's next boot, before it is accepted."""
    networks: Networks
    """B: network profiles, and leaving for another CSMS."""
    quirks: QuirkDesk
    """B: what families of stations get wrong."""
    device_model: DeviceModel
    """B: what each station reports of itself."""
    limits: Limits
    """B: how much a station takes in one message, how many profiles fit, ..."""
    transaction_limits: TransactionLimits
    """E: limits of transactions."""
    limit_watch: LimitWatch
    """E: limits that stations do not keep themselves."""
    gaps: Gaps
    """E: what is missing of transactions, settled by asking their stations."""
    reservations: Reservations
    """H: reservations."""
    availability: Availability
    """G: status of station, EVSE and connector."""
    costs: Costs
    """I: what transactions cost."""
    tariffs: TariffDesk
    """I: the operator's register of tariffs."""
    station_tariffs: StationTariffs
    """I: tariffs at stations."""
    cost_telling: CostTelling
    """I: the running cost, at an interval."""
    offers: Offers
    """I, Q: what a driver is offered when the card is accepted."""
    batteries: Batteries
    """S: battery swap."""
    der: DerControls
    """R: how inverters behave towards the grid."""
    v2x: V2x
    """Q: who may discharge."""
    displays: Displays
    """O: messages on displays."""
    metering: Metering
    """J: meter values."""
    data_transfer: DataTransfers
    """P: vendors' own messages."""
    reports: Reports
    """What stations tell and is kept as it came."""
    commands: Commands
    """B, F, G, P: what the operator asks of stations."""
    operations: Operations
    """What is asked of a station and takes time."""
    authorities: TrustedAuthorities
    """C, M: whose certificates are believed, and installed in stations."""
    station_certificates: StationCertificates
    """M: certificates in stations."""
    revocations: Revocations
    """C, M: whether certificates are revoked."""
    client_status: ClientStatus
    """A: whether certificates that stations come with are revoked."""
    contracts: Contracts
    """C: contract certificates of cars."""
    v2g_authorities: V2gAuthorities
    """A: who signs stations' V2G certificates."""
    v2g_certificates: V2gCertificates
    """A: what stations show to cars."""
    ev_certificates: EvCertificates
    """M: contract certificates for cars, from a provider."""
    files: FileDesk
    """What stations hand in and fetch."""
    images: Images
    """L: firmware images and the keys they are signed with."""
    firmware: Firmware
    """L: firmware updates."""
    publishing: Publishing
    """L: firmware served by local controllers."""
    rollouts: Rollouts
    """L: one image for many stations."""
    logs: Logs
    """N: logs and diagnostics."""
    customers: Customers
    """N: what stations know of a customer."""
    monitors: Monitors
    """N: monitors of variables."""
    station_events: StationEvents
    """N: what monitors told."""
    streams: Streams
    """N: periodic event streams."""
    smart_charging: SmartCharging
    """K: charging profiles."""
    dynamic_profiles: DynamicProfiles
    """K: limits that change without a new profile, and priority charging."""
    composite_schedules: CompositeSchedules
    """K: what all profiles together allow."""
    charging_limits: ChargingLimits
    """K: limits from outside."""
    charging_needs: ChargingNeedsDesk
    """K: what cars need (ISO 15118)."""
    planner: LimitPlanner
    """K: price levels, and schedules made of them."""
    security: Security
    """A: security events, trust, authorities, passwords."""
    certificates: Certificates
    """A02, A03: certificates that stations ask for."""
    stations: StationDesk
    """The operator's register of stations, and the inbox."""
    tokens: TokenDesk
    """The operator's register of tokens."""
    anomalies: AnomalyDesk
    """What did not fit, to be resolved by people."""
    access: AccessControl
    """People and API keys."""
