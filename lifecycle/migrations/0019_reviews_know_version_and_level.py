from django.db import migrations


def from_their_packets(apps, schema_editor):
    """A packet names the level, and the fingerprint of the version, that its round was asked for under."""
    reviews = apps.get_model("lifecycle", "GateReview").objects
    known = dict(apps.get_model("lifecycle", "TemplateVersion").objects.order_by("-pk").values_list("digest", "pk"))
    rows = reviews.filter(template_version=None).values_list("pk", "document__template", "document__level")
    for pk, digest, level in rows.iterator():
        reviews.filter(pk=pk).update(template_version=known.get(digest), level=level or "")


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0018_reviews_keep_version_and_level"),
    ]

    operations = [
        migrations.RunPython(from_their_packets, migrations.RunPython.noop),
    ]
