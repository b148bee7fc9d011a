"""Makes `idlink.site` the default admin site, makes the folder that receives uploads, and sends warnings to the log."""

import logging
from pathlib import Path

from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class IdlinkAdminConfig(AdminConfig):
    """Django's admin, on `idlink.site.IdlinkSite`."""

    default_site = "idlink.site.IdlinkSite"

    def ready(self) -> None:
        """Make the folder for uploads, without which Django refuses to start; keep Python's warnings within the log."""
        super().ready()
        logging.captureWarnings(True)
        Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
