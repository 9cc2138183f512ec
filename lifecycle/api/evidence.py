from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from common import clock
from common.api import StrictJSONParser, StrictMultiPartParser, tagged
from lifecycle import services
from lifecycle.selectors.proofs import revisions_of, served_by, served_document
from lifecycle.serializers import EvidenceDetailOutput
from projects.permissions import Action, may
from records.models import Evidence
from records.serializers import EvidenceInput, read_evidence, shown_evidence


def evidence_shown(evidence: Evidence, actor: Actor) -> dict[str, Any]:
    """A proof with all its revisions and the checks that each serves."""
    confidential = may(actor, Action.SEE_CONFIDENTIAL, evidence.project)
    revisions = revisions_of(evidence)
    served = served_by(revisions)
    shown = [
        shown_evidence(row, confidential=confidential)
        | {"checks": [served_document(one) for one in served.get(row.pk, ())]}
        for row in revisions
    ]
    return next(row for row in shown if row["id"] == evidence.pk) | {"revisions": shown}


class EvidenceDetail(APIView):
    scopes = {"GET": "projects:read"}

    @extend_schema(operation_id="evidence_retrieve", responses=EvidenceDetailOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        """One proof, its revisions, and the checks of all iterations that they serve."""
        evidence = get_object_or_404(Evidence.objects.visible_to(request.actor).select_related("project"), pk=pk)
        return tagged(evidence_shown(evidence, request.actor))


class EvidenceRevisions(APIView):
    scopes = {"POST": "evidence:write"}
    parser_classes = [StrictJSONParser, StrictMultiPartParser]

    @extend_schema(operation_id="evidence_revise", request=EvidenceInput, responses={201: EvidenceDetailOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """A later revision, as a link (JSON) or a file (multipart, part `file`).

        It takes the place of the one before it in every check that is still worked on; iterations that are over keep
        what they had. Only the latest revision is revised (409 `evidence_revised` names it), by who supplied it or an
        owner: who revises a proof takes it out of its checks.
        """
        evidence = get_object_or_404(Evidence.objects.visible_to(request.actor).select_related("project"), pk=pk)
        services.require_revision(evidence=evidence, actor=request.actor)
        now = clock.now()
        given = read_evidence(request, now=now)
        if given.file is None:
            fresh = services.revise_with_link(
                evidence=evidence, actor=request.actor, url=given.url, now=now, **given.facts
            )
        else:
            fresh = services.revise_with_file(
                evidence=evidence,
                actor=request.actor,
                file=given.file,
                declared_sha256=given.declared_sha256,
                now=now,
                **given.facts,
            )
        return tagged(evidence_shown(fresh, request.actor), 201)
