from records.api.evidence import EvidenceDownload, EvidenceWithdrawal, ProjectEvidence, ProjectEvidenceDownload
from records.api.metrics import MetricDefinitions, Metrics

__all__ = [
    "EvidenceDownload",
    "EvidenceWithdrawal",
    "MetricDefinitions",
    "Metrics",
    "ProjectEvidence",
    "ProjectEvidenceDownload",
]
