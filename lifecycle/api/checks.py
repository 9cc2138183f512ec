from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, StrictJSONParser, StrictMultiPartParser, expected_version, read, tagged
from common.errors import ValidationFailed
from lifecycle import selectors, services
from lifecycle.models import Check, Waiver
from lifecycle.serializers import CheckChange, CheckOutput, EvidenceChoice, WaiverInput, WaiverOutput
from projects.permissions import Action, may, require
from records.models import Evidence
from records.serializers import EvidenceInput, EvidenceOutput, read_evidence, shown_evidence, shown_proof

PROOF = PolymorphicProxySerializer(
    component_name="Proof", serializers=[EvidenceInput, EvidenceChoice], resource_type_field_name=None
)


def checks_seen(request: ApiRequest) -> QuerySet[Check]:
    return Check.objects.visible_to(request.actor).asked().select_related("stage__process__project__subject")


def check_shown(check: Check, actor: Actor) -> dict[str, Any]:
    """One check with its live state."""
    answer = selectors.readiness(check.stage, today=clock.now().date())
    frozen = selectors.frozen_states(check.stage).get(check.key)
    confidential = may(actor, Action.SEE_CONFIDENTIAL, check.stage.project)
    return selectors.shown_check(answer.of(check.key), answer, frozen, confidential=confidential)


def change_check(request: ApiRequest, check: Check) -> Response:
    require(request.actor, Action.WORK, check.stage.project)
    version = expected_version(request)
    changes = read(CheckChange, request, check_shown(check, request.actor), partial=True)
    services.answer_check(check=check, actor=request.actor, version=version, now=clock.now(), **changes)
    return tagged(check_shown(check, request.actor))


class CheckDetail(APIView):
    scopes = {"GET": "projects:read", "PATCH": "checks:write"}

    @extend_schema(responses=CheckOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(check_shown(get_object_or_404(checks_seen(request), pk=pk), request.actor))

    @extend_schema(request=CheckChange, responses=CheckOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        return change_check(request, get_object_or_404(checks_seen(request), pk=pk))


class CheckByKey(APIView):
    """The same check by its key: keys are unique within a template, and the latest iteration is meant.

    An item that a later template version has in another stage stands where it is asked now.
    """

    scopes = {"GET": "projects:read", "PATCH": "checks:write"}

    def find(self, request: ApiRequest, key: str, check_key: str) -> Check:
        checks = checks_seen(request).filter(stage__process__project__key=key, stage__superseded=False, key=check_key)
        return get_object_or_404(checks.order_by(F("stage__ended_at").desc(nulls_first=True))[:1])

    @extend_schema(operation_id="project_check_retrieve", responses=CheckOutput)
    def get(self, request: ApiRequest, key: str, check_key: str) -> Response:
        return tagged(check_shown(self.find(request, key, check_key), request.actor))

    @extend_schema(operation_id="project_check_update", request=CheckChange, responses=CheckOutput)
    def patch(self, request: ApiRequest, key: str, check_key: str) -> Response:
        return change_check(request, self.find(request, key, check_key))


class CheckProof(APIView):
    scopes = {"GET": "projects:read", "POST": "evidence:write"}
    parser_classes = [StrictJSONParser, StrictMultiPartParser]
    query = ListQuery(orderings={"added": "id"}, default="-added")

    @extend_schema(parameters=query.parameters, responses=EvidenceOutput(many=True))
    def get(self, request: ApiRequest, pk: int) -> Response:
        check = get_object_or_404(checks_seen(request), pk=pk)
        rows = (
            Evidence.objects.visible_to(request.actor)
            .filter(check_links__check_row=check)
            .select_related("supplied_by")
        )
        confidential = may(request.actor, Action.SEE_CONFIDENTIAL, check.stage.project)
        return self.query.answer(request, rows, present=lambda found: shown_proof(found, confidential=confidential))

    @extend_schema(request=PROOF, responses={201: EvidenceOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Prove the check with a link (JSON), a file (multipart, part `file`), or what the project has (`evidence`)."""
        check = get_object_or_404(checks_seen(request), pk=pk)
        require(request.actor, Action.WORK, check.stage.project)
        now = clock.now()
        if names_evidence(request):
            chosen = evidence_of(request, check, read(EvidenceChoice, request)["evidence"])
            services.attach_evidence(check=check, actor=request.actor, evidence=chosen, now=now)
            return tagged(shown_evidence(chosen, confidential=True), 201)
        given = read_evidence(request, now=now)
        if given.file is None:
            evidence = services.attach_link(check=check, actor=request.actor, url=given.url, now=now, **given.facts)
        else:
            evidence = services.attach_file(
                check=check,
                actor=request.actor,
                file=given.file,
                declared_sha256=given.declared_sha256,
                now=now,
                **given.facts,
            )
        return tagged(shown_evidence(evidence, confidential=True), 201)


def names_evidence(request: ApiRequest) -> bool:
    """Whether the body names a proof by its id, instead of bringing one; a form brings one."""
    return isinstance(request.data, dict) and not isinstance(request.data, QueryDict) and "evidence" in request.data


def evidence_of(request: ApiRequest, check: Check, pk: int) -> Evidence:
    """A proof of the check's own project; any other looks like none. Raises ValidationFailed."""
    rows = Evidence.objects.visible_to(request.actor).filter(project=check.stage.project)
    found = rows.select_related("supplied_by").filter(pk=pk).first()
    if found is None:
        raise ValidationFailed.at("evidence", "not_found", _("The project has no such evidence."))
    return found


class CheckWaivers(APIView):
    scopes = {"GET": "projects:read", "POST": ""}
    query = ListQuery(orderings={"opened": "id"}, default="-opened")

    @extend_schema(parameters=query.parameters, responses=WaiverOutput(many=True))
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Past and present waivers of a check, the latest first; `over` ones cover it no longer."""
        check, today = get_object_or_404(checks_seen(request), pk=pk), clock.now().date()
        rows = Waiver.objects.filter(check_row=check).select_related("check_row", "opened_by", "granted_by")
        return self.query.answer(request, rows, present=lambda found: [waiver_shown(one, today) for one in found])

    @extend_schema(request=WaiverInput, responses={201: WaiverOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Open a waiver, or grant the one that another gatekeeper opened: until the earlier of the two days."""
        check = get_object_or_404(checks_seen(request), pk=pk)
        require(request.actor, Action.WAIVE, check.stage.project)
        waiver = services.waive_check(check=check, actor=request.actor, now=clock.now(), **read(WaiverInput, request))
        return Response(waiver_shown(waiver, clock.now().date()), 201)


def waiver_shown(waiver: Waiver, today: date) -> dict[str, Any]:
    return {
        "id": waiver.pk,
        "check": waiver.check_row.key,
        "reason": waiver.reason,
        "granted_reason": waiver.granted_reason,
        "until": waiver.until,
        "opened_by": waiver.opened_by.username,
        "granted_by": waiver.granted_by.username if waiver.granted_by else None,
        "granted": waiver.granted_at is not None,
        "over": waiver.is_over(today),
        "ended_on": waiver.ended_on,
    }
