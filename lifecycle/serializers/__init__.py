"""Inputs of the API's gates, and what its answers look like in the OpenAPI description."""

from lifecycle.serializers.checks import CheckChange, CheckOutput, WaiverInput, WaiverOutput
from lifecycle.serializers.fields import Nothing, PersonField, TagField
from lifecycle.serializers.limits import BaselineInput, ConsentInput, LimitInput, LimitOutput, SourceInput
from lifecycle.serializers.moves import LevelInput, MoveOutput, VersionInput
from lifecycle.serializers.projects import (
    BlockerOutput,
    GateCheckOutput,
    HoldInput,
    ProjectChange,
    ProjectInput,
    ProjectOutput,
    ProjectUpsert,
    StageChange,
    StageOutput,
    StandingProject,
    StatusGate,
    StatusOutput,
    StatusStage,
)
from lifecycle.serializers.reviews import (
    ConditionChange,
    ConditionInput,
    ConditionOutput,
    ExtensionInput,
    ReviewInput,
    ReviewOutput,
    VoteInput,
)
from lifecycle.serializers.templates import PlanOutput, TemplateOutput

__all__ = [
    "BaselineInput",
    "BlockerOutput",
    "CheckChange",
    "CheckOutput",
    "ConditionChange",
    "ConditionInput",
    "ConditionOutput",
    "ConsentInput",
    "ExtensionInput",
    "GateCheckOutput",
    "HoldInput",
    "LevelInput",
    "LimitInput",
    "LimitOutput",
    "MoveOutput",
    "Nothing",
    "PersonField",
    "PlanOutput",
    "ProjectChange",
    "ProjectInput",
    "ProjectOutput",
    "ProjectUpsert",
    "ReviewInput",
    "ReviewOutput",
    "SourceInput",
    "StageChange",
    "StageOutput",
    "StandingProject",
    "StatusGate",
    "StatusOutput",
    "StatusStage",
    "TagField",
    "TemplateOutput",
    "VersionInput",
    "VoteInput",
    "WaiverInput",
    "WaiverOutput",
]
