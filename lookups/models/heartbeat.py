"""Signs of life of the background processes, and of work that stands; health is read from here, not from the broker."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from lookups.models.lookup_life import Lane

UPKEEP, UPLOADS, BEAT = "upkeep", "uploads", "beat"
PARTS = (*Lane.values, UPKEEP, UPLOADS, BEAT)
_STANDS = " stands"


class Heartbeat(models.Model):
    """When a part was last known to work: a lane's worker does its tasks, `beat` sends them.

    A second row of a lane says since when lookups have been due there without any that was asked.
    """

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, at: datetime) -> None:
        """Record a sign of life, unless there has just been one: who waits for a lookup should not wait for this."""
        just_now = at - timedelta(seconds=settings.IDLINK_SWEEP_SECONDS / 2)
        if not cls.objects.filter(name=name, at__gt=just_now, at__lte=at).exists():
            cls.objects.update_or_create(name=name, defaults={"at": at})

    @classmethod
    def was_seen(cls, name: str, now: datetime) -> bool:
        """Tell whether a part has shown a sign of life in the last sweeps."""
        return cls.objects.filter(name=name, at__gt=now - timedelta(seconds=4 * settings.IDLINK_SWEEP_SECONDS)).exists()

    @classmethod
    def note_due(cls, lanes: list[str], at: datetime) -> None:
        """Record that lookups are due in just these lanes."""
        for lane in lanes:
            cls.objects.get_or_create(name=f"{lane}{_STANDS}", defaults={"at": at})
        idle = [f"{lane}{_STANDS}" for lane in Lane.values if lane not in lanes]
        if cls.objects.filter(name__in=idle).exists():
            cls.objects.filter(name__in=idle).delete()

    @classmethod
    def note_asked(cls, lane: str) -> None:
        """Record that lookups of a lane were asked: those that are due do not stand still."""
        if cls.objects.filter(name=f"{lane}{_STANDS}").exists():
            cls.objects.filter(name=f"{lane}{_STANDS}").delete()

    @classmethod
    def standing(cls) -> dict[str, datetime]:
        """Give since when lookups have been due in a lane without any that was asked."""
        rows = dict(cls.objects.filter(name__endswith=_STANDS).values_list("name", "at"))
        return {name.removesuffix(_STANDS): at for name, at in rows.items()}
