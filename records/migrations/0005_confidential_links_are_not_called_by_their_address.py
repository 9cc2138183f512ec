from django.db import migrations

from common.texts import CONFIDENTIAL_LINK, in_each
from records.models.links import read_link


def call_them_neutrally(apps, schema_editor):
    """A title that nobody gave was made of the address, which then stood wherever the title is read."""
    links = apps.get_model("records", "Evidence").objects.filter(confidential=True).exclude(url="")
    for row in links.only("pk", "title", "url").iterator():
        if row.title in {row.url[:200], *in_each(lambda url=row.url: read_link(url).title).values()}:
            links.filter(pk=row.pk).update(title=CONFIDENTIAL_LINK)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0004_candidates_by_when_they_reported"),
    ]

    operations = [
        # Going back leaves the neutral titles: what was made of an address can be made of it again by hand.
        migrations.RunPython(call_them_neutrally, migrations.RunPython.noop),
    ]
