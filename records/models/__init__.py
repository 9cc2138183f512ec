from records.models.evidence import Blob, Evidence
from records.models.links import Link, read_link
from records.models.metrics import MetricDefinition, MetricResult
from records.models.subjects import PARTS, ModelVersion, Subject, SubjectValue

__all__ = [
    "PARTS",
    "Blob",
    "Evidence",
    "Link",
    "MetricDefinition",
    "MetricResult",
    "ModelVersion",
    "Subject",
    "SubjectValue",
    "read_link",
]
