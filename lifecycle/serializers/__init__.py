"""Inputs of the API's gates, and what its answers look like in the OpenAPI description."""

from lifecycle.serializers.checks import CheckChange, CheckOutput, WaiverInput, WaiverOutput
from lifecycle.serializers.fields import Nothing, PersonField, TagField
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
from lifecycle.serializers.templates import TemplateOutput

__all__ = [
    "BlockerOutput",
    "CheckChange",
    "CheckOutput",
    "ConditionChange",
    "ConditionInput",
    "ConditionOutput",
    "ExtensionInput",
    "GateCheckOutput",
    "HoldInput",
    "LevelInput",
    "MoveOutput",
    "Nothing",
    "PersonField",
    "ProjectChange",
    "ProjectInput",
    "ProjectOutput",
    "ProjectUpsert",
    "ReviewInput",
    "ReviewOutput",
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
