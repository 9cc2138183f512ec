"""Everything that writes in this room."""

from records.services.blobs import (
    Received,
    files_without_row,
    flaw_of,
    keep_blob,
    opened,
    path_of,
    received,
    sweep_blobs,
)
from records.services.definitions import load_metric_definitions
from records.services.evidence import (
    EvidenceFacts,
    add_file,
    add_link,
    bytes_of,
    check_newest,
    check_sound,
    report_damage,
    withdraw_evidence,
)
from records.services.metrics import Measurement, PushInput, Stored, Terms, as_entry, push_metric, store_results
from records.services.subjects import (
    Moved,
    Parts,
    add_model_version,
    as_data,
    current_parts,
    filled,
    move_subject,
    set_subject,
)

__all__ = [
    "EvidenceFacts",
    "Measurement",
    "Moved",
    "Parts",
    "PushInput",
    "Received",
    "Stored",
    "Terms",
    "add_file",
    "add_link",
    "add_model_version",
    "as_data",
    "as_entry",
    "bytes_of",
    "check_newest",
    "check_sound",
    "current_parts",
    "files_without_row",
    "filled",
    "flaw_of",
    "keep_blob",
    "load_metric_definitions",
    "move_subject",
    "opened",
    "path_of",
    "push_metric",
    "received",
    "report_damage",
    "set_subject",
    "store_results",
    "sweep_blobs",
    "withdraw_evidence",
]
