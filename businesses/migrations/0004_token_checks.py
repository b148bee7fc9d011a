from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("businesses", "0003_tokens_and_owners"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesstoken",
            name="refused_trace",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="check_tried_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="check_trouble",
            field=models.CharField(blank=True, editable=False, max_length=500),
        ),
    ]
