from records.api.evidence import EvidenceDownload, EvidenceWithdrawal, ProjectEvidence, ProjectEvidenceDownload
from records.api.metrics import MetricDefinitions, Metrics
from records.api.subjects import ProjectSubject

__all__ = [
    "EvidenceDownload",
    "EvidenceWithdrawal",
    "MetricDefinitions",
    "Metrics",
    "ProjectEvidence",
    "ProjectEvidenceDownload",
    "ProjectSubject",
]
