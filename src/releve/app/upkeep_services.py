"""The services of firmware, logs, monitors and files, built and tied to their ports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from releve.domain.diagnostics import CUSTOMER
from releve.services.customers import Customers
from releve.services.files import FileDesk, FilePolicy
from releve.services.firmware import Firmware
from releve.services.images import Images
from releve.services.logs import Logs
from releve.services.message_limits import MessageLimits
from releve.services.monitors import Monitors
from releve.services.publishing import Publishing
from releve.services.rollouts import Rollouts
from releve.services.station_events import StationEvents
from releve.services.streams import Streams
from releve.settings import Settings
from releve.storage.file_box import FileBox

if TYPE_CHECKING:
    from releve.app.house_services import Ground


def upkeep(g: Ground) -> dict[str, Any]:
    """L, N, and files."""
    files = FileDesk(
        g.store, g.clock, g.ids, FileBox(Path(g.settings.files_dir)), file_policy(g.settings)
    )
    images = Images(g.store, g.clock, g.ids, files, g.vault)
    firmware = Firmware(g.clock, g.operations, files, images, g.reports)
    g.built["provisioning"].within_boot(firmware.booted)
    limits = MessageLimits(g.limits, g.commands)
    customers = Customers(g.operations, g.reports, g.built["local_list"], g.background)
    g.operations.when_overdue(CUSTOMER, customers.overdue)
    return {
        "files": files,
        "images": images,
        "firmware": firmware,
        "publishing": Publishing(g.store, g.operations, g.commands, files, g.reports),
        "rollouts": Rollouts(g.store, g.clock, g.ids, g.presence, g.operations, images, firmware),
        "logs": Logs(g.operations, files, g.reports),
        "customers": customers,
        "monitors": Monitors(g.store, g.clock, g.commands, g.operations, limits, g.reports),
        "station_events": StationEvents(g.store, g.ids, g.flags),
        "streams": Streams(g.store, g.clock, g.commands, g.presence, g.reports, g.background),
    }


def file_policy(settings: Settings) -> FilePolicy:
    """What the settings say of files. The addresses are known when the ports are open, unless they are set."""
    url = settings.files_url or settings.public_url
    return FilePolicy(
        url=url.rstrip("/"),
        secure_url=url.rstrip("/") if url.startswith("https://") else "",
        most_log=settings.files_log_size,
        most_firmware=settings.files_firmware_size,
        quota=settings.files_quota,
        log_days=settings.files_log_days,
    )
