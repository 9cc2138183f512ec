from typing import Any

from common import content
from common.errors import FieldError
from common.texts import localised
from lifecycle.models import TemplateVersion
from lifecycle.models.format import Document, Known, breaches, flaws
from records.models import MetricDefinition


def template_shown(version: TemplateVersion) -> dict[str, Any]:
    """A template version in one line, as lists show it. It comes with its template."""
    definition = version.definition
    return {
        "key": definition.key,
        "version": version.number,
        "state": "draft" if version.is_draft else "published",
        "name": localised(definition.name),
        "description": localised(definition.description),
        "default": version.template.is_default,
        "built_in": version.template.built_in,
        "stages": len(definition.stages),
        "checks": sum(len(stage.items) for stage in definition.stages),
        "levels": list(definition.levels),
        "published_at": version.published_at,
        "edited_at": version.edited_at,
        "digest": version.digest,
    }


def known_keys() -> Known:
    """What a document may name: the catalogue, and the organisation's own metrics. One query."""
    catalogue = {key: metric["direction"] for key, metric in content.metrics().items()}
    return Known(
        roles=content.roles(),
        tags=content.tags(),
        metrics=catalogue | dict(MetricDefinition.objects.values_list("key", "direction")),
        assessments={key for key, asked in content.questionnaires().items() if asked["scope"] == "project"},
        categories={category["key"] for category in content.document("risk-library")["categories"]},
    )


def wrong_in(document: Document) -> list[FieldError]:
    """Everything that keeps a document from being published, each with its place: shape first, then the rules."""
    return flaws(document) or breaches(document, known_keys())
