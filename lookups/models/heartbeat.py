"""Signs of life of the background processes; health is read from here, not from the broker."""

from datetime import datetime

from django.db import models


class Heartbeat(models.Model):
    """When a process was last known to work: `worker` runs tasks, `beat` sends them."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, at: datetime) -> None:
        """Record a sign of life."""
        cls.objects.update_or_create(name=name, defaults={"at": at})
