"""Whether a token gives people's names is remembered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("businesses", "0004_days")]

    operations = [
        migrations.AddField(
            model_name="tokencheck",
            name="names_given_at",
            field=models.DateTimeField(help_text="When it last gave somebody's name.", null=True),
        ),
        migrations.AddField(
            model_name="tokencheck",
            name="names_refused_until",
            field=models.DateTimeField(help_text="Until then nobody's name is asked for with it.", null=True),
        ),
    ]
