"""What gates ask. Pure functions of facts.

They read, they never write, and they never look at a clock or a database.
"""

from lifecycle.criteria.facts import (
    AssessmentFact,
    CheckFacts,
    ConditionFact,
    GateFacts,
    Proof,
    Result,
    RiskFact,
    joined,
    supposed,
)
from lifecycle.criteria.findings import Blocker, CheckState, Finding, Moved, Weight
from lifecycle.criteria.kinds import COMPUTED, KINDS
from lifecycle.criteria.readiness import SETTLED, Assessed, Readiness, Verdict, assess, recommend

__all__ = [
    "COMPUTED",
    "KINDS",
    "SETTLED",
    "Assessed",
    "AssessmentFact",
    "Blocker",
    "CheckFacts",
    "CheckState",
    "ConditionFact",
    "Finding",
    "GateFacts",
    "Moved",
    "Proof",
    "Readiness",
    "Result",
    "RiskFact",
    "Verdict",
    "Weight",
    "assess",
    "joined",
    "recommend",
    "supposed",
]
