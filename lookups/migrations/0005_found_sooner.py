"""Indexes by which pages find rows among millions, and names as they are searched for."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lookups.models.folding import folded

AT_ONCE = 5000


def fold_names(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Fill the new column, some thousand rows at a time."""
    profiles, last = apps.get_model("lookups", "Profile").objects.exclude(name="").order_by("pk"), 0
    while rows := list(profiles.filter(pk__gt=last)[:AT_ONCE]):
        for row in rows:
            row.folded = folded(row.name)
        profiles.model.objects.bulk_update(rows, ["folded"], batch_size=500)
        last = rows[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('businesses', '0005_names'),
        ('lookups', '0004_asked_once'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='scopedid',
            name='scoped_ids_by_value',
        ),
        migrations.AddField(
            model_name='profile',
            name='folded',
            field=models.TextField(blank=True, editable=False, help_text='The name as it is searched for.'),
        ),
        migrations.AlterField(
            model_name='scopedid',
            name='business',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='businesses.business'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(condition=models.Q(('scoped_id', None), ('state', 'done')), fields=['value'], name='lookup_of_an_id_not_stored'),
        ),
        migrations.AddIndex(
            model_name='matchevent',
            index=models.Index(fields=['at'], name='match_events_by_time'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(fields=['created_at'], name='persons_by_age'),
        ),
        migrations.AddIndex(
            model_name='personevent',
            index=models.Index(fields=['at'], name='events_of_persons_by_time'),
        ),
        migrations.AddIndex(
            model_name='scopedid',
            index=models.Index(fields=['business', 'value'], name='ids_by_value', opclasses=['int8_ops', 'varchar_pattern_ops']),
        ),
    ]
