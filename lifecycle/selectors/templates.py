from typing import Any

from common.texts import localised
from lifecycle.models import TemplateVersion


def template_shown(version: TemplateVersion) -> dict[str, Any]:
    """A template version in one line, as lists show it."""
    definition = version.definition
    return {
        "key": definition.key,
        "version": version.number,
        "name": localised(definition.name),
        "description": localised(definition.description),
        "default": version.template.is_default,
        "built_in": version.template.built_in,
        "stages": len(definition.stages),
        "checks": sum(len(stage.items) for stage in definition.stages),
        "levels": list(definition.levels),
        "published_at": version.published_at,
    }
