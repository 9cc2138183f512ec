from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import ListQuery, read, sent_version, tagged
from common.api.filters import flag
from projects.models import Project
from projects.permissions import Action, may, require
from records import services
from records.http import as_download
from records.models import Evidence
from records.serializers import EvidenceOutput, WithdrawalInput, shown_evidence, shown_proof


def deliver(evidence: Evidence, actor: Actor) -> StreamingHttpResponse:
    """The bytes of a file; a link has none. Raises Http404, PermissionDenied, FileDamaged."""
    if evidence.blob is None:
        raise Http404
    if evidence.confidential:
        require(actor, Action.SEE_CONFIDENTIAL, evidence.project)
    return as_download(evidence, services.bytes_of(evidence=evidence, actor=actor, now=clock.now()))


class ProjectEvidence(APIView):
    """Everything that proves something in a project."""

    scopes = {"GET": "projects:read"}
    query = ListQuery(
        filters={
            "withdrawn": flag(lambda rows, yes: rows.exclude(withdrawn_at=None) if yes else rows.standing()),
            "newest": flag(lambda rows, yes: rows.newest() if yes else rows.exclude(revised_by=None)),
        },
        orderings={"supplied_at": "supplied_at"},
        default="-supplied_at",
        search=("title", "filename"),
    )

    @extend_schema(operation_id="evidence_list", parameters=query.parameters, responses=EvidenceOutput(many=True))
    def get(self, request: ApiRequest, key: str) -> Response:
        """Links and files, latest first; adding one is `checks/{id}/evidence/`."""
        project = get_object_or_404(Project.objects.visible_to(request.actor), key=key)
        rows = Evidence.objects.filter(project=project).select_related("supplied_by")
        confidential = may(request.actor, Action.SEE_CONFIDENTIAL, project)
        return self.query.answer(request, rows, present=lambda found: shown_proof(found, confidential=confidential))


class EvidenceDownload(APIView):
    """The bytes of an evidence file."""

    scopes = {"GET": "projects:read"}
    formats = ("file",)

    @extend_schema(operation_id="evidence_download", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: ApiRequest, pk: int) -> StreamingHttpResponse:
        """As an attachment. 404 for links; 403 for confidential files to those who may not see them."""
        rows = Evidence.objects.visible_to(request.actor).select_related("blob", "project")
        return deliver(get_object_or_404(rows, pk=pk), request.actor)


class ProjectEvidenceDownload(APIView):
    """The same, by way of its project."""

    scopes = {"GET": "projects:read"}
    formats = ("file",)

    @extend_schema(
        operation_id="project_evidence_download", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: ApiRequest, key: str, pk: int) -> StreamingHttpResponse:
        """404 also for the evidence of another project."""
        rows = Evidence.objects.visible_to(request.actor).select_related("blob", "project")
        return deliver(get_object_or_404(rows, pk=pk, project__key=key), request.actor)


class EvidenceWithdrawal(APIView):
    """Taking a proof back."""

    scopes = {"POST": "evidence:write"}

    @extend_schema(operation_id="evidence_withdraw", request=WithdrawalInput, responses=EvidenceOutput)
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """It stays readable and counts no more. A `version`, or If-Match, is checked where it is sent."""
        rows = Evidence.objects.visible_to(request.actor).select_related("supplied_by", "project")
        evidence = get_object_or_404(rows, pk=pk)
        mine = evidence.supplied_by_id == request.actor.user_id
        require(request.actor, Action.WITHDRAW_EVIDENCE, evidence.project, mine=mine)
        version = sent_version(request)
        given = read(WithdrawalInput, request)
        evidence = services.withdraw_evidence(
            evidence=evidence, actor=request.actor, reason=given["reason"], version=version, now=clock.now()
        )
        confidential = may(request.actor, Action.SEE_CONFIDENTIAL, evidence.project)
        return tagged(shown_evidence(evidence, confidential=confidential))
