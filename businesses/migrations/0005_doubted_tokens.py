from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("businesses", "0004_token_checks"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesstoken",
            name="doubted_at",
            field=models.DateTimeField(
                editable=False, help_text="When something gave reason to check it.", null=True
            ),
        ),
    ]
