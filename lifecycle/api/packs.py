from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.views import APIView

from accounts.http import ApiRequest
from common import clock
from lifecycle import services
from lifecycle.api.reviews import review_seen

FORMAT = OpenApiParameter("format", enum=list(services.FORMATS), description="json by default; Accept is ignored.")


class Pack(APIView):
    """The gate pack of a decided round."""

    scopes = {"GET": "reviews:read"}
    formats = tuple(services.FORMATS)

    @extend_schema(
        operation_id="review_pack",
        parameters=[FORMAT],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: ApiRequest, pk: int) -> HttpResponse:
        """Everything the decision rests on, with hashes; `verify_pack` checks the JSON offline. 409 if undecided."""
        wanted = request.query_params.get("format", "json")
        export = services.export_pack(
            review=review_seen(request, pk), actor=request.actor, format=wanted, now=clock.now()
        )
        headers = {
            "Content-Disposition": f'attachment; filename="{export.filename}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(export.content, content_type=export.content_type, headers=headers)
