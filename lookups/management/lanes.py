"""The workers of an installation, one a lane. The README documents the same commands."""

import sys

from lookups.models import UPKEEP, UPLOADS, Lane

_CELERY = [sys.executable, "-m", "celery", "-A", "idlink"]
# Bulk gives way to the others for the processor, too. What upkeep does is mostly waiting for other servers: threads do.
_OPTIONS: dict[str, list[str]] = {
    Lane.STAFF: ["-c", "2"],
    Lane.BULK: ["-c", "2"],
    UPKEEP: ["-P", "threads", "-c", "32"],
    UPLOADS: ["-c", "1"],
}
LANES = tuple(map(str, _OPTIONS))
_NICE: dict[str, list[str]] = {Lane.BULK: ["nice", "-n", "5"]}


def worker_command(*lanes: str, name: str = "") -> list[str]:
    """Give the command of the worker of a lane, or of one that serves several lanes."""
    one = lanes[0] if len(lanes) == 1 else Lane.STAFF
    named = ["-n", f"{name or '-'.join(lanes)}@%h"]
    return [*_NICE.get(one, []), *_CELERY, "worker", "-Q", ",".join(lanes), *_OPTIONS[one], *named]


def beat_command() -> list[str]:
    """Give the command of the scheduler."""
    return [*_CELERY, "beat"]
