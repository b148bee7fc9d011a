"""A lookup can end as already fresh; the rows of a list that wait are found by their app or Page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lookups", "0003_conflict_words")]

    operations = [
        migrations.AlterField(
            model_name="lookup",
            name="ending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("linked", "linked"),
                    ("none", "asked, none"),
                    ("fresh", "already fresh"),
                    ("refused", "refused"),
                    ("failed", "failed"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="fed_line",
            field=models.PositiveIntegerField(default=0, help_text="The line that was settled last."),
        ),
        migrations.AddIndex(
            model_name="listrow",
            index=models.Index(
                condition=models.Q(("state", "todo")), fields=["run", "asset", "line"], name="rows_to_settle"
            ),
        ),
    ]
