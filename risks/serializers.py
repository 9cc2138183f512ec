"""What risks and assessments look like at the API's door: inputs as serializers, rows as JSON values."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.models import User
from common.errors import ValidationFailed
from common.serializers import DayField, InstantField, LineField, StrictSerializer, TextField, WholeField
from projects.models import Membership, Project
from risks import criteria
from risks.models import (
    LEVELS,
    Acceptance,
    Assessment,
    AssessmentState,
    Category,
    Risk,
    RiskState,
    TreatmentKind,
    rating,
)


class RatingOutput(serializers.Serializer[Mapping[str, Any]]):
    """Likelihood times impact, each 1 to 5."""

    likelihood = serializers.IntegerField(min_value=1, max_value=5)
    impact = serializers.IntegerField(min_value=1, max_value=5)
    score = serializers.IntegerField(min_value=1, max_value=25)
    level = serializers.ChoiceField(choices=LEVELS)


class RatingInput(StrictSerializer):
    """Likelihood and impact. `score` and `level` follow from them and may be sent back as they were read."""

    likelihood = WholeField(min_value=1, max_value=5)
    impact = WholeField(min_value=1, max_value=5)
    score = WholeField(required=False)
    level = serializers.ChoiceField(choices=LEVELS, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, int]:
        follows = rating(attrs["likelihood"], attrs["impact"])
        wrong = [name for name in ("score", "level") if attrs.get(name, follows[name]) != follows[name]]
        if wrong:
            detail = _("It follows from likelihood and impact.")
            raise serializers.ValidationError({name: [ErrorDetail(detail, "read_only_field")] for name in wrong})
        return {"likelihood": attrs["likelihood"], "impact": attrs["impact"]}


class RiskInput(StrictSerializer):
    """A risk to be written down; `likelihood` and `impact` are those without controls."""

    title = LineField()
    category = serializers.ChoiceField(choices=Category.choices)
    likelihood = WholeField(min_value=1, max_value=5)
    impact = WholeField(min_value=1, max_value=5)
    current = RatingInput(required=False)
    residual = RatingInput(required=False, allow_null=True)
    owner = LineField(required=False, allow_null=True, max_length=60)
    cause = TextField(required=False, allow_blank=True, max_length=4000)
    event = TextField(required=False, allow_blank=True, max_length=4000)
    consequence = TextField(required=False, allow_blank=True, max_length=4000)
    library = LineField(required=False, allow_blank=True, max_length=60)
    treatment = serializers.ChoiceField(choices=TreatmentKind.choices, required=False, allow_blank=True)
    treatment_plan = TextField(required=False, allow_blank=True, max_length=4000)
    review_on = DayField(required=False, allow_null=True)


class RiskChangeInput(StrictSerializer):
    """What may change of a risk. `likelihood` and `impact` beside each other are short for `current`."""

    id = WholeField(read_only=True)
    project = LineField(read_only=True)
    library = LineField(read_only=True)
    title = LineField(required=False)
    category = serializers.ChoiceField(choices=Category.choices, required=False)
    likelihood = WholeField(min_value=1, max_value=5, required=False)
    impact = WholeField(min_value=1, max_value=5, required=False)
    inherent = RatingInput(required=False)
    current = RatingInput(required=False)
    residual = RatingInput(required=False, allow_null=True)
    owner = LineField(required=False, allow_null=True, max_length=60)
    cause = TextField(required=False, allow_blank=True, max_length=4000)
    event = TextField(required=False, allow_blank=True, max_length=4000)
    consequence = TextField(required=False, allow_blank=True, max_length=4000)
    state = serializers.ChoiceField(choices=RiskState.choices, required=False)
    treatment = serializers.ChoiceField(choices=TreatmentKind.choices, required=False, allow_blank=True)
    treatment_plan = TextField(required=False, allow_blank=True, max_length=4000)
    review_on = DayField(required=False, allow_null=True)
    accepted = serializers.BooleanField(read_only=True)
    scored_at = InstantField(read_only=True)
    created_at = InstantField(read_only=True)
    closed_at = InstantField(read_only=True)


class RiskOutput(serializers.Serializer[Risk]):
    """A risk. `accepted`: an acceptance covers its present score today."""

    id = serializers.IntegerField()
    project = serializers.CharField()
    library = serializers.CharField()
    title = serializers.CharField()
    category = serializers.ChoiceField(choices=Category.choices)
    cause = serializers.CharField()
    event = serializers.CharField()
    consequence = serializers.CharField()
    owner = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=RiskState.choices)
    inherent = RatingOutput()
    current = RatingOutput()
    residual = RatingOutput(allow_null=True)
    treatment = serializers.CharField()
    treatment_plan = serializers.CharField()
    review_on = serializers.DateField(allow_null=True)
    accepted = serializers.BooleanField()
    scored_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class AcceptanceInput(StrictSerializer):
    """What is done meanwhile (the treatment plan unless given) and until when (365 days unless given)."""

    plan = TextField(required=False, allow_blank=True, max_length=4000)
    until = DayField(required=False, allow_null=True)


class AcceptanceOutput(serializers.Serializer[Acceptance]):
    """An acceptance at a score; not `complete` while a critical risk waits for the second signature."""

    id = serializers.IntegerField()
    risk = serializers.IntegerField()
    score = serializers.IntegerField()
    plan = serializers.CharField()
    until = serializers.DateField()
    accepted_by = serializers.CharField()
    accepted_as = serializers.CharField()
    accepted_at = serializers.DateTimeField()
    second_by = serializers.CharField(allow_null=True)
    second_as = serializers.CharField()
    complete = serializers.BooleanField()


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class AnswersField(serializers.DictField):
    """Question keys with the key of the answer chosen."""

    child = LineField(max_length=40)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=LineField(max_length=40), **kwargs)


class AssessmentInput(StrictSerializer):
    """A new attempt at the questionnaire `key`, with some or all of its answers."""

    key = LineField(max_length=60)
    answers = AnswersField(required=False)


class AssessmentChangeInput(StrictSerializer):
    """New answers (all of them) and, with `state` submitted, handing in."""

    id = WholeField(read_only=True)
    project = LineField(read_only=True)
    key = LineField(read_only=True)
    answers = AnswersField(required=False)
    state = serializers.ChoiceField(choices=[AssessmentState.DRAFT, AssessmentState.SUBMITTED], required=False)
    percent = serializers.FloatField(read_only=True)
    min_percent = serializers.FloatField(read_only=True)
    passes = serializers.BooleanField(read_only=True)
    failing = serializers.JSONField(read_only=True)
    missing = serializers.JSONField(read_only=True)
    approves = serializers.JSONField(read_only=True)
    signatures = serializers.JSONField(read_only=True)
    subject = serializers.JSONField(read_only=True)
    filled_by = LineField(read_only=True)
    filled_at = InstantField(read_only=True)
    approved_at = InstantField(read_only=True)
    expires_on = DayField(read_only=True)


class SignatureInput(StrictSerializer):
    """The role to sign in; without it the one that the signer holds and that has not signed."""

    role = LineField(required=False, max_length=40)


class SignatureOutput(serializers.Serializer[Mapping[str, Any]]):
    role = serializers.CharField()
    signed_by = serializers.CharField()
    signed_at = serializers.DateTimeField()


class AssessmentOutput(serializers.Serializer[Assessment]):
    """One attempt at a questionnaire. `approves` are the roles that sign; `missing` questions have no answer, `failing`
    ones an answer below their minimum."""

    id = serializers.IntegerField()
    project = serializers.CharField()
    key = serializers.CharField()
    state = serializers.ChoiceField(choices=AssessmentState.choices)
    answers = AnswersField()
    percent = serializers.FloatField(allow_null=True)
    min_percent = serializers.FloatField()
    passes = serializers.BooleanField()
    failing = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())
    approves = serializers.ListField(child=serializers.CharField())
    signatures = SignatureOutput(many=True)
    subject = serializers.DictField(child=serializers.CharField())
    filled_by = serializers.CharField()
    filled_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


def member_named(project: Project, username: str) -> User:
    """The member that `owner` names. Raises ValidationFailed, the same for strangers and for names nobody has."""
    rows = Membership.objects.filter(project=project, user__username__iexact=username, user__is_active=True)
    row = rows.select_related("user").first()
    if row is None:
        raise ValidationFailed.at("owner", "not_found", _("The project has no such member."))
    return row.user


def with_owner(project: Project, given: dict[str, Any]) -> dict[str, Any]:
    """`given` with the person that its `owner` names."""
    return given | {"owner": member_named(project, given["owner"])} if given.get("owner") else given


def as_change(risk: Risk, given: dict[str, Any], sent: Any) -> dict[str, Any]:
    """`given` with loose `likelihood` and `impact` gathered into `current`.

    A `current` sent back word for word as it was read, score and level included, is not a new scoring.
    """
    if sent.get("current") == risk.current:
        del given["current"]
    loose = {name: given.pop(name) for name in ("likelihood", "impact") if name in given}
    if loose and "current" not in given:
        given["current"] = {"likelihood": risk.current_likelihood, "impact": risk.current_impact} | loose
    return given


def shown_risk(row: Risk) -> dict[str, Any]:
    """A risk as JSON values; `project` and `owner` should be joined, `accepted` annotated (`with_acceptance`)."""
    return {
        "id": row.pk,
        "project": row.project.key,
        "library": row.library,
        "title": row.title,
        "category": row.category,
        "cause": row.cause,
        "event": row.event,
        "consequence": row.consequence,
        "owner": row.owner.username if row.owner else None,
        "state": row.state,
        "inherent": row.inherent,
        "current": row.current,
        "residual": row.residual,
        "treatment": row.treatment,
        "treatment_plan": row.treatment_plan,
        "review_on": row.review_on,
        "accepted": bool(getattr(row, "accepted", False)),
        "scored_at": row.scored_at,
        "created_at": row.created_at,
        "closed_at": row.closed_at,
        "version": row.version,
    }


def shown_acceptance(row: Acceptance) -> dict[str, Any]:
    """An acceptance as JSON values; the two who signed should be joined."""
    return {
        "id": row.pk,
        "risk": row.risk_id,
        "score": row.score,
        "plan": row.plan,
        "until": row.until,
        "accepted_by": row.accepted_by.username,
        "accepted_as": row.accepted_as,
        "accepted_at": row.accepted_at,
        "second_by": row.second_by.username if row.second_by else None,
        "second_as": row.second_as,
        "complete": row.complete,
    }


def shown_assessment(row: Assessment) -> dict[str, Any]:
    """An assessment as JSON values; project, filler and signatures should be fetched with it."""
    questionnaire = row.questionnaire
    score = criteria.score(questionnaire, row.answers)
    return {
        "id": row.pk,
        "project": row.project.key,
        "key": row.key,
        "state": row.state,
        "answers": row.answers,
        "percent": row.percent,
        "min_percent": questionnaire["pass"]["min_percent"],
        "passes": row.passes,
        "failing": score.failing,
        "missing": score.missing,
        "approves": questionnaire["approves"],
        "signatures": [
            {"role": signature.role, "signed_by": signature.signed_by.username, "signed_at": signature.signed_at}
            for signature in row.signatures.all()
        ],
        "subject": row.subject,
        "filled_by": row.filled_by.username,
        "filled_at": row.filled_at,
        "approved_at": row.approved_at,
        "expires_on": row.expires_on,
        "version": row.version,
    }
