"""The deployment checks. Every process runs them before it works: worker, scheduler and web server."""

import logging

from django.core.checks import ERROR, CheckMessage, run_checks

logger = logging.getLogger(__name__)


def refuse_unfit_settings(**kwargs: object) -> None:
    """End this process if a check finds an error; tell of warnings in one line. Raises SystemExit."""
    found = [message for message in run_checks(include_deployment_checks=True) if not message.is_silenced()]
    errors = [message for message in found if message.level >= ERROR]
    if errors:
        logger.critical("These settings are refused. %s", " ".join(_told(message) for message in errors))
        raise SystemExit(1)
    if found:
        names = ", ".join(sorted({str(message.id) for message in found}))
        logger.warning("The deployment checks warn of %s; `manage.py check --deploy` says more.", names)


def _told(message: CheckMessage) -> str:
    return " ".join(part for part in (f"({message.id})", message.msg, message.hint) if part)
