"""Reads of this room: what the records page shows, proofs as rows, and how a file looks from outside."""

from records.selectors.page import LatestResult, SubjectPart, latest_results, latest_values, subject_parts
from records.selectors.previews import Beginning, beginning_of, preview_of
from records.selectors.proofs import ProofRow, proof_icon, proof_row, proof_rows

__all__ = [
    "Beginning",
    "LatestResult",
    "ProofRow",
    "SubjectPart",
    "beginning_of",
    "latest_results",
    "latest_values",
    "preview_of",
    "proof_icon",
    "proof_row",
    "proof_rows",
    "subject_parts",
]
