from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import ApiRequest
from accounts.idempotency import idempotent
from accounts.permissions import HUMAN
from common import clock
from common.api import ListQuery, read, tagged
from lifecycle import selectors, services
from lifecycle.api.stages import stage_named
from lifecycle.models import GateReview
from lifecycle.serializers import Nothing, RecusalInput, ReopeningInput, ReviewInput, ReviewOutput, VoteInput
from lifecycle.services.separation import take_seat
from projects.permissions import Action, require


def review_shown(review: GateReview) -> dict[str, Any]:
    """A round read anew."""
    fresh = selectors.reviews_shown(GateReview.objects.filter(pk=review.pk)).get()
    return selectors.review_answer(fresh, today=clock.now().date())


def review_seen(request: ApiRequest, pk: int) -> GateReview:
    return get_object_or_404(
        GateReview.objects.visible_to(request.actor).select_related("stage__process__project"), pk=pk
    )


class StageReviews(APIView):
    scopes = {"GET": "reviews:read", "POST": "reviews:request"}
    query = ListQuery(orderings={"requested": "id"}, default="-requested")

    @extend_schema(parameters=query.parameters, responses=ReviewOutput(many=True))
    def get(self, request: ApiRequest, key: str, stage: str) -> Response:
        """The rounds of this gate, in every iteration of its stage, newest first."""
        found = stage_named(request, key, stage)
        rows = selectors.reviews_shown(GateReview.objects.of_gate(found.process_id, found.key))
        today = clock.now().date()
        return self.query.answer(request, rows, present=lambda page: selectors.review_answers(page, today=today))

    @extend_schema(request=ReviewInput, responses={201: ReviewOutput})
    @idempotent
    def post(self, request: ApiRequest, key: str, stage: str) -> Response:
        """Ask for the gate; 409 `gate_blocked` with the blockers unless `despite_blockers`.

        With `through`, the key of a later stage, all gates up to that one are decided together, as one joint packet.
        """
        found = stage_named(request, key, stage)
        services.may_ask(request.actor, found.project, extraordinary=_is_true(request, "extraordinary"))
        given = read(ReviewInput, request)
        review = services.request_review(stage=found, actor=request.actor, now=clock.now(), **given)
        return tagged(review_shown(review), 201)


def _is_true(request: ApiRequest, name: str) -> bool:
    """A flag of a body that is not yet checked: rights come before validation, and this one depends on it."""
    return isinstance(request.data, dict) and request.data.get(name) is True


class ReviewDetail(APIView):
    scopes = {"GET": "reviews:read"}

    @extend_schema(responses=ReviewOutput)
    def get(self, request: ApiRequest, pk: int) -> Response:
        return tagged(review_shown(review_seen(request, pk)))


class Votes(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=VoteInput, responses={201: ReviewOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Vote, with a session of one's own: no token decides."""
        review, now = review_seen(request, pk), clock.now()
        take_seat(review, request.actor, now=now)
        given = read(VoteInput, request)
        review = services.cast_vote(review=review, actor=request.actor, now=now, **given)
        return tagged(review_shown(review), 201)


class MyVote(APIView):
    scopes = {"DELETE": HUMAN}

    @extend_schema(responses=ReviewOutput)
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """Take one's own vote back while the round is open."""
        review = services.withdraw_vote(review=review_seen(request, pk), actor=request.actor, now=clock.now())
        return tagged(review_shown(review))


class Withdrawal(APIView):
    scopes = {"POST": "reviews:request"}

    @extend_schema(request=None, responses=ReviewOutput)
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Take the request back; the stage is active again."""
        review = review_seen(request, pk)
        services.may_ask(request.actor, review.stage.project, extraordinary=review.extraordinary)
        read(Nothing, request)
        review = services.withdraw_review(review=review, actor=request.actor, now=clock.now())
        return tagged(review_shown(review))


class Recusals(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=RecusalInput, responses={201: ReviewOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Step back from this round: a vote of yours ends, and you cannot vote in it again (409 `recused`)."""
        review, now = review_seen(request, pk), clock.now()
        services.must_hold_a_seat(review, request.actor, now=now)
        given = read(RecusalInput, request)
        review = services.recuse(review=review, actor=request.actor, now=now, **given)
        return tagged(review_shown(review), 201)


class Reopenings(APIView):
    scopes = {"POST": HUMAN}

    @extend_schema(request=ReopeningInput, responses={201: ReviewOutput})
    @idempotent
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Open a decided gate again: new iterations from its stage on; the decision itself stays as it is."""
        review = review_seen(request, pk)
        require(request.actor, Action.REOPEN, review.stage.project)
        given = read(ReopeningInput, request)
        review = services.reopen_review(review=review, actor=request.actor, now=clock.now(), **given)
        return tagged(review_shown(review), 201)
