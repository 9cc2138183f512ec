"""Is a gate pack what it says? Pure reading of one document: no database, no clock, no network."""

from lifecycle.criteria.packs.files import files_that_differ
from lifecycle.criteria.packs.manifest import SCHEMA, Misfit, Unreadable, manifest_of, read_pack
from lifecycle.criteria.packs.said import said
from lifecycle.criteria.packs.verification import verify_pack

__all__ = ["SCHEMA", "Misfit", "Unreadable", "files_that_differ", "manifest_of", "read_pack", "said", "verify_pack"]
