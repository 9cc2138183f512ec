"""Templates in the browser: read, edited piece by piece, published."""

from lifecycle.views.templates.checks import draft_check, move_check, new_check, remove_check
from lifecycle.views.templates.drafts import (
    change_words,
    discard_draft,
    draft_data,
    draft_words,
    start_draft,
    template_draft,
)
from lifecycle.views.templates.publishing import (
    import_template,
    new_template,
    publish_draft,
    review_draft,
    template_projects,
)
from lifecycle.views.templates.reading import template, template_version, templates
from lifecycle.views.templates.stages import (
    draft_gate,
    draft_rules,
    draft_stage,
    move_stage,
    new_stage,
    remove_stage,
)

__all__ = [
    "change_words",
    "discard_draft",
    "draft_check",
    "draft_data",
    "draft_gate",
    "draft_rules",
    "draft_stage",
    "draft_words",
    "import_template",
    "move_check",
    "move_stage",
    "new_check",
    "new_stage",
    "new_template",
    "publish_draft",
    "remove_check",
    "remove_stage",
    "review_draft",
    "start_draft",
    "template",
    "template_draft",
    "template_projects",
    "template_version",
    "templates",
]
