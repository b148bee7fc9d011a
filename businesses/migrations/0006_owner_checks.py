from django.db import migrations, models

SHOWN = [
    ("field", "its field owner_business"),
    ("list", "the business's lists of what it owns and of what it works on"),
]


class Migration(migrations.Migration):

    dependencies = [
        ("businesses", "0005_doubted_tokens"),
    ]

    operations = [
        migrations.AddField(
            model_name=model,
            name=name,
            field=field,
        )
        for model in ("facebookapp", "page")
        for name, field in (
            ("owner_shown_by", models.CharField(blank=True, choices=SHOWN, default="", editable=False, max_length=10)),
            ("owner_tried_at", models.DateTimeField(editable=False, null=True)),
            ("owner_trouble", models.CharField(blank=True, default="", editable=False, max_length=500)),
        )
    ]
