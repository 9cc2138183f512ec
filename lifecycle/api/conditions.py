from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import expected_version, read, tagged
from common.errors import ValidationFailed
from lifecycle import selectors, services
from lifecycle.models import Condition
from lifecycle.serializers import ConditionChange, ConditionOutput, ExtensionInput
from projects.permissions import Action, require


def condition_seen(request: ApiRequest, pk: int) -> Condition:
    rows = Condition.objects.visible_to(request.actor).select_related(
        "action__owner", "review__stage__process__project"
    )
    return get_object_or_404(rows, pk=pk)


class ConditionDetail(APIView):
    scopes = {"GET": "projects:read", "PATCH": HUMAN}

    @extend_schema(responses=ConditionOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(selectors.condition_document(condition_seen(request, pk)))

    @extend_schema(request=ConditionChange, responses=ConditionOutput)
    def patch(self, request: ApiRequest, pk: int) -> Response:
        """`proposed` by its owner, `met` by a gatekeeper."""
        condition = condition_seen(request, pk)
        if condition.action.owner_id != request.actor.user_id:
            require(request.actor, Action.WORK, condition.review.stage.project)
        version = expected_version(request)
        shown = selectors.condition_document(condition)
        state = read(ConditionChange, request, shown, partial=True).get("state")
        if state is None:
            raise ValidationFailed.at("state", "required", _("Say whether it is proposed or met."))
        act = services.close_condition if state == "met" else services.propose_condition
        changed = act(condition=condition, actor=request.actor, version=version, now=clock.now())
        return tagged(selectors.condition_document(changed))


class ConditionExtension(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=ExtensionInput, responses={200: ConditionOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Give a condition more time, with a reason."""
        condition = condition_seen(request, pk)
        require(request.actor, Action.WAIVE, condition.review.stage.project)
        given = read(ExtensionInput, request)
        changed = services.extend_condition(condition=condition, actor=request.actor, now=clock.now(), **given)
        return tagged(selectors.condition_document(changed))
