from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models

DAYS = [MinValueValidator(1), MaxValueValidator(3650)]


class Migration(migrations.Migration):
    """What a business counts in days has at least one, and at most ten years of them."""

    dependencies = [("businesses", "0003_version_served")]

    operations = [
        migrations.AlterField(
            model_name="business",
            name="refresh_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="An ID that was not confirmed for this long is shown as stale.",
                validators=DAYS,
                verbose_name="stale after (days)",
            ),
        ),
        migrations.AlterField(
            model_name="business",
            name="profile_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                default=90,
                help_text="What was read of a person is deleted after this long; empty keeps it. Links are not touched.",
                null=True,
                validators=DAYS,
                verbose_name="keep profiles (days)",
            ),
        ),
    ]
