"""A worker looks at a list before its columns are named; what it saw is kept with the list."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def look_at_waiting_lists(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have a worker look at the lists that wait for the names of their columns: nothing of them is kept yet."""
    waiting = apps.get_model("lookups", "Run").objects.filter(kind="list", state="mapping")
    waiting.update(state="reading")


class Migration(migrations.Migration):
    dependencies = [("lookups", "0001_house")]

    operations = [
        migrations.AddField(
            model_name="listfile",
            name="attempts",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Readings begun since the last that was stored."
            ),
        ),
        migrations.AddField(
            model_name="listfile",
            name="first_look",
            field=models.JSONField(
                default=dict, help_text="Its first rows, shortened; empty until a worker looked."
            ),
        ),
        migrations.RunPython(look_at_waiting_lists, migrations.RunPython.noop),
    ]
