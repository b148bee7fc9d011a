from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("lookups", "0007_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="policyreview",
            name="mailed_at",
            field=models.DateTimeField(
                editable=False, help_text="When the admins were told of it by e-mail.", null=True
            ),
        ),
    ]
