from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock, strict_yaml
from common.api import ListQuery, StrictJSONParser, StrictYAMLParser, expected_version, read
from common.api.filters import choice
from common.versions import etag
from lifecycle import services
from lifecycle.models import TemplateVersion
from lifecycle.models.format import canonical, schema_text
from lifecycle.selectors.templates import plan_of, template_shown
from lifecycle.serializers import Nothing, PlanOutput, TemplateOutput
from projects.permissions import Action, require

DOCUMENT = {"application/yaml": OpenApiTypes.OBJECT, "application/json": OpenApiTypes.OBJECT}
NUMBER = OpenApiParameter("format", OpenApiTypes.STR, enum=["json", "yaml"])


class Templates(APIView):
    scopes = {"GET": "templates:read"}
    query = ListQuery(
        filters={"state": choice(lambda rows, states: rows.in_state(states), ("published", "draft"))},
        orderings={"key": "template__key"},
        default="key",
    )

    @extend_schema(parameters=query.parameters, responses=TemplateOutput(many=True))
    def get(self, request: ApiRequest) -> Response:
        """The newest published version of each template; with `?state=draft` its editors' drafts."""
        rows = TemplateVersion.objects.visible_to(request.actor).newest_and_drafts().select_related("template")
        if "state" not in request.query_params:
            rows = rows.published().defer("document")
        return self.query.answer(request, rows, present=_shown)


def _shown(versions: Iterable[TemplateVersion]) -> list[dict[str, Any]]:
    return [template_shown(version) for version in versions]


def version_seen(request: ApiRequest, key: str, number: int) -> TemplateVersion:
    rows = TemplateVersion.objects.visible_to(request.actor).select_related("template")
    return get_object_or_404(rows, template__key=key, number=number)


def answered(version: TemplateVersion, status: int = 200) -> Response:
    return Response(template_shown(version), status, headers={"ETag": etag(version.version)})


class TemplateVersions(APIView):
    scopes = {"GET": "templates:read"}
    formats = ("json", "yaml")

    @extend_schema(
        parameters=[NUMBER],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "application/yaml"): OpenApiTypes.STR},
    )
    def get(self, request: ApiRequest, key: str, number: int) -> HttpResponse:
        """One version's whole document, as JSON or with `?format=yaml` as YAML; a draft's to those who edit it."""
        version = version_seen(request, key, number)
        document, headers = canonical(version.document), {"ETag": etag(version.version)}
        if request.query_params.get("format") == "yaml":
            text = strict_yaml.dumps(document)
            return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)
        return Response(document, headers=headers)


class TemplatePublication(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=Nothing, responses=TemplateOutput)
    @idempotent
    def post(self, request: ApiRequest, key: str, number: int) -> Response:
        """Publish a draft for ever. With If-Match, only what was read."""
        draft = version_seen(request, key, number)
        require(request.actor, Action.EDIT_TEMPLATES)
        read(Nothing, request, partial=True)
        version = expected_version(request) if _names_version(request) else None
        return answered(services.publish_draft(draft=draft, actor=request.actor, version=version, now=clock.now()))


class TemplatePlan(APIView):
    scopes = {"POST": "templates:plan"}
    parser_classes = [StrictYAMLParser, StrictJSONParser]

    @extend_schema(request=DOCUMENT, responses={200: PlanOutput})
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """What publishing this document would change, and what it would do to running projects. Writes nothing."""
        require(request.actor, Action.EDIT_TEMPLATES)
        document = services.valid_template(request.data)
        return Response(plan_of(document, actor=request.actor, today=clock.now().date()).as_dict())


class TemplateImport(APIView):
    scopes = {"POST": "templates:plan"}
    parser_classes = [StrictYAMLParser, StrictJSONParser]

    @extend_schema(request=DOCUMENT, responses={200: TemplateOutput, 201: TemplateOutput})
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Make this document the draft of a new template or of the next version; 200 when it says nothing new.

        A draft that is open is replaced with its ETag as If-Match, and else 409 `draft_already_open`.
        """
        require(request.actor, Action.EDIT_TEMPLATES)
        version = expected_version(request) if "If-Match" in request.headers else None
        found, written = services.import_template(
            document=request.data, actor=request.actor, version=version, now=clock.now()
        )
        return answered(found, 201 if written else 200)


class TemplateSchema(APIView):
    scopes = {"GET": "templates:read"}
    formats = ("json",)

    @extend_schema(responses={(200, "application/schema+json"): OpenApiTypes.OBJECT})
    def get(self, request: ApiRequest) -> HttpResponse:
        """The JSON Schema of a template's document, which imports are checked by."""
        return HttpResponse(schema_text(), content_type="application/schema+json")


def _names_version(request: Request) -> bool:
    return "If-Match" in request.headers or "version" in request.data
