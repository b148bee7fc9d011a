from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("businesses", "0006_owner_checks"),
    ]

    operations = [
        migrations.AddField(
            model_name="facebookapp",
            name=name,
            field=field,
        )
        for name, field in (
            ("sealed_next_secret", models.TextField(blank=True, default="", editable=False)),
            ("next_secret_fingerprint", models.CharField(blank=True, default="", editable=False, max_length=19)),
            ("next_secret_tried_at", models.DateTimeField(editable=False, null=True)),
            ("next_secret_trouble", models.CharField(blank=True, default="", editable=False, max_length=500)),
            ("sealed_former_secret", models.TextField(blank=True, default="", editable=False)),
            ("former_secret_fingerprint", models.CharField(blank=True, default="", editable=False, max_length=19)),
        )
    ]
