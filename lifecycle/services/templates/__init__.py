from lifecycle.services.templates import edits
from lifecycle.services.templates.beginnings import import_template, new_template, start_draft
from lifecycle.services.templates.drafts import discard_draft, publish_draft, save_draft
from lifecycle.services.templates.publishing import publish_template
from lifecycle.services.templates.validity import whole as valid_template

__all__ = [
    "discard_draft",
    "edits",
    "import_template",
    "new_template",
    "publish_draft",
    "publish_template",
    "save_draft",
    "start_draft",
    "valid_template",
]
