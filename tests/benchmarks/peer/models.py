"""The script's tables."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class Person(models.Model):
    """Somebody: the IDs that belong together."""

    first_seen = models.DateTimeField()

    class Meta:
        app_label = "peer"


class ScopedID(models.Model):
    """An ID that an app or a Page knows somebody by."""

    person = models.ForeignKey(Person, models.CASCADE)
    asset = models.CharField(max_length=32)
    value = models.CharField(max_length=32)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        app_label = "peer"
        constraints = [models.UniqueConstraint(fields=["asset", "value"], name="peer_one_id")]


class Link(models.Model):
    """The answer about one ID named another."""

    source = models.ForeignKey(ScopedID, models.CASCADE, related_name="links", db_index=False)  # its key begins so
    target = models.ForeignKey(ScopedID, models.CASCADE, related_name="+")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        app_label = "peer"
        constraints = [models.UniqueConstraint(fields=["source", "target"], name="peer_one_link")]


class Answer(models.Model):
    """What was answered about an ID, as it came."""

    scoped_id = models.ForeignKey(ScopedID, models.CASCADE)
    at = models.DateTimeField()
    raw = models.JSONField()

    class Meta:
        app_label = "peer"


TABLES = (Person, ScopedID, Link, Answer)


def make_tables(connection: BaseDatabaseWrapper) -> None:
    """Make the script's tables."""
    with connection.schema_editor() as editor:
        for model in TABLES:
            editor.create_model(model)
