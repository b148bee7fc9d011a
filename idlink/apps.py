"""Makes the project's own admin site the default one."""

from django.contrib.admin.apps import AdminConfig


class IdlinkAdminConfig(AdminConfig):
    """Django's admin, on `idlink.site.IdlinkSite`."""

    default_site = "idlink.site.IdlinkSite"
