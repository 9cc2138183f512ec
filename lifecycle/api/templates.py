from collections.abc import Iterable
from typing import Any

import yaml
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from common.api import ListQuery
from lifecycle import selectors
from lifecycle.models import TemplateVersion
from lifecycle.serializers import TemplateOutput


class Templates(APIView):
    scopes = {"GET": "templates:read"}
    query = ListQuery(orderings={"key": "template__key"}, default="key")

    @extend_schema(parameters=query.parameters, responses=TemplateOutput(many=True))
    def get(self, request: ApiRequest) -> Response:
        """The newest published version of each template."""
        rows = TemplateVersion.objects.newest().select_related("template").defer("document")
        return self.query.answer(request, rows, present=_shown)


def _shown(versions: Iterable[TemplateVersion]) -> list[dict[str, Any]]:
    return [selectors.template_shown(version) for version in versions]


class TemplateVersions(APIView):
    scopes = {"GET": "templates:read"}
    formats = ("json", "yaml")

    @extend_schema(
        parameters=[OpenApiParameter("format", OpenApiTypes.STR, enum=["json", "yaml"])],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "application/yaml"): OpenApiTypes.STR},
    )
    def get(self, request: ApiRequest, key: str, number: int) -> HttpResponse:
        """One version's whole document, as JSON or with `?format=yaml` as YAML."""
        version = get_object_or_404(TemplateVersion.objects.published(), template__key=key, number=number)
        if request.query_params.get("format") == "yaml":
            text = yaml.safe_dump(version.document, allow_unicode=True, sort_keys=False, width=120)
            return HttpResponse(text, content_type="application/yaml; charset=utf-8")
        return Response(version.document)
