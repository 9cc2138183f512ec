from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.permissions import ANY
from common.api import ListQuery
from common.api.filters import choice, flag, text
from library.models import Case
from library.selectors import OUTCOMES, document
from library.serializers import CaseOutput


class Cases(APIView):
    """The published cases."""

    scopes = {"GET": ANY}
    query = ListQuery(
        filters={
            "outcome": choice("outcome", OUTCOMES),
            "industry": text("industry", longest=40),
            "application": text("application", longest=40),
            "built_in": flag("built_in"),
        },
        orderings={"key": "key", "industry": "industry"},
        default="key",
        search=("key", "title__en", "title__zh"),
    )

    @extend_schema(parameters=query.parameters, responses=CaseOutput(many=True))
    def get(self, request: ApiRequest) -> Response:
        return self.query.answer(request, Case.objects.filter(published=True), present=lambda rows: map(document, rows))


class CaseDetail(APIView):
    scopes = {"GET": ANY}

    @extend_schema(responses=CaseOutput)
    def get(self, request: ApiRequest, key: str) -> Response:
        return Response(document(get_object_or_404(Case, key=key, published=True)))
