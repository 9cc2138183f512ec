"""The format of a template's document: one JSON Schema for its shape, beside it the rules that no schema can say.

Documents are plain dictionaries, as YAML and JSON give them; `lifecycle.models.definition` makes objects of valid ones.
"""

from lifecycle.models.format.rules import Known, breaches
from lifecycle.models.format.shape import NAME, Document, canonical, flaws, schema_text

__all__ = ["NAME", "Document", "Known", "breaches", "canonical", "flaws", "schema_text"]
