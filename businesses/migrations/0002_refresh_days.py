from django.core.validators import MinValueValidator
from django.db import migrations, models


class Migration(migrations.Migration):
    """The interval after which an ID is stale has at least a day."""

    dependencies = [("businesses", "0001_house")]

    operations = [
        migrations.AlterField(
            model_name="business",
            name="refresh_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="An ID that was not confirmed for this long is shown as stale.",
                validators=[MinValueValidator(1)],
                verbose_name="stale after (days)",
            ),
        ),
    ]
