from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import read, sent_version, tagged
from common.errors import NotFound
from lifecycle import selectors, services
from lifecycle.models import Item, Process
from lifecycle.serializers import BaselineInput, BaselineOutput, ConsentInput, LimitInput, LimitOutput, SourceInput
from projects.permissions import Action, require


def process_seen(request: ApiRequest, key: str) -> Process:
    rows = Process.objects.visible_to(request.actor).select_related("project")
    return get_object_or_404(rows, project__key=key)


def metric_check(process: Process, check_key: str) -> Item:
    """The item of a metric check by its key. Raises NotFound."""
    found = process.definition.find(check_key)
    if found is None or found[1].kind != "metric":
        raise NotFound
    return found[1]


def limit_shown(process: Process, item: Item, status: int = 200) -> Response:
    return tagged(selectors.limit_answer(selectors.limit_of(process, item)), status)


class CheckLimit(APIView):
    scopes = {"GET": "projects:read", "PUT": "checks:write"}

    @extend_schema(responses=LimitOutput)
    def get(self, request: ApiRequest, key: str, check_key: str) -> Response:
        """The limit in force, the one that waits for consent, and every one there ever was."""
        process = process_seen(request, key)
        return limit_shown(process, metric_check(process, check_key))

    @extend_schema(request=LimitInput, responses={200: LimitOutput, 202: LimitOutput})
    def put(self, request: ApiRequest, key: str, check_key: str) -> Response:
        """Set the project's own limit, before the round opens; 202: it is looser and waits for a risk officer.

        The first one and the same once more need no `version`; one that takes the place of another does.
        """
        process = process_seen(request, key)
        item = metric_check(process, check_key)
        require(request.actor, Action.OVERRIDE_LIMIT, process.project)
        given = read(LimitInput, request)
        limit = services.set_limit(
            process=process,
            check_key=check_key,
            actor=request.actor,
            version=sent_version(request),
            now=clock.now(),
            **given,
        )
        return limit_shown(process, item, 200 if limit.in_force_at else 202)


class LimitConsent(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=ConsentInput, responses={200: LimitOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str, check_key: str) -> Response:
        """A risk officer agrees to the looser limit that `proposal` names, or declines it."""
        process = process_seen(request, key)
        item = metric_check(process, check_key)
        services.may_consent(request.actor, process.project)
        given = read(ConsentInput, request)
        services.decide_limit(process=process, check_key=check_key, actor=request.actor, now=clock.now(), **given)
        return limit_shown(process, item)


class LimitSource(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=SourceInput, responses={200: LimitOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str, check_key: str) -> Response:
        """Legal counsel confirms the legal source of a limit."""
        process = process_seen(request, key)
        item = metric_check(process, check_key)
        services.may_confirm_source(request.actor, process.project)
        given = read(SourceInput, request)
        services.confirm_source(process=process, check_key=check_key, actor=request.actor, now=clock.now(), **given)
        return limit_shown(process, item)


class ProjectBaseline(APIView):
    scopes = {"GET": "projects:read", "PUT": "checks:write"}

    @extend_schema(responses=BaselineOutput)
    def get(self, request: ApiRequest, key: str) -> Response:
        """The model that criteria with a baseline compare with, the one that waits, and every one there ever was."""
        return baseline_shown(process_seen(request, key))

    @extend_schema(request=BaselineInput, responses={200: BaselineOutput, 202: BaselineOutput})
    def put(self, request: ApiRequest, key: str) -> Response:
        """Propose that model (202: it waits for a risk officer), or with "" name none (200: at once).

        The first one and the same once more need no `version`; one that takes the place of another does.
        """
        process = process_seen(request, key)
        require(request.actor, Action.OVERRIDE_LIMIT, process.project)
        given, version = read(BaselineInput, request), sent_version(request)
        baseline = services.set_baseline(
            process=process, actor=request.actor, version=version, now=clock.now(), **given
        )
        return baseline_shown(process_seen(request, key), 200 if baseline.in_force_at else 202)


class BaselineConsent(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=ConsentInput, responses={200: BaselineOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """A risk officer agrees to the model that `proposal` names, or declines it."""
        process = process_seen(request, key)
        services.may_consent(request.actor, process.project)
        given = read(ConsentInput, request)
        services.decide_baseline(process=process, actor=request.actor, now=clock.now(), **given)
        return baseline_shown(process_seen(request, key))


def baseline_shown(process: Process, status: int = 200) -> Response:
    return tagged(selectors.baseline_answer(process), status)
