import django.db.models.deletion
from django.db import migrations, models


def name_the_first(apps, schema_editor):
    """Every revision made before names what it all began with, and is numbered along its chain."""
    rows = apps.get_model("records", "Evidence").objects
    origin, number = {}, {}
    # A revision is younger than what it revises.
    for pk, revises in rows.filter(revises__isnull=False).order_by("pk").values_list("pk", "revises").iterator():
        origin[pk], number[pk] = origin.get(revises, revises), number.get(revises, 1) + 1
        rows.filter(pk=pk).update(first=origin[pk], revision=number[pk])
    rows.filter(revises=None).exclude(revision=1).update(revision=1)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_evidence_has_revisions"),
    ]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="first",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="revisions",
                to="records.evidence",
            ),
        ),
        # Between the column and its laws, in one migration: as one of its own it would stand before 0004 in the history
        # of databases that have 0003 and 0004 already.
        migrations.RunPython(name_the_first, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first", None), ("revises", None), ("revision", 1)),
                    models.Q(("first__isnull", False), ("revises__isnull", False), ("revision__gt", 1)),
                    _connector="OR",
                ),
                name="revision_follows_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(fields=("first", "revision"), name="revision_is_numbered_once"),
        ),
    ]
