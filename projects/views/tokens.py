"""One's own tokens as a page: list, make, revoke."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.http import PageRequest, hand_on, handed, shown_once
from accounts.models import ApiToken
from common import clock
from common.errors import DomainError
from common.forms import refuse
from projects.forms.tokens import TokenForm
from projects.models import Project


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: PageRequest) -> HttpResponse:
    """The list and the form; a new token's secret is shown on the page that follows, once."""
    if request.method != "POST":
        return shown_once(request, _page(request, TokenForm(request.actor), secret=handed(request)))
    form = TokenForm(request.actor, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    now = clock.now()
    try:
        person = request.actor.person
        _token, secret = services.create_token(actor=request.actor, user=person, now=now, **form.wanted(now))
    except DomainError as error:
        refuse(form, error)
        return _page(request, form, status=error.status)
    return hand_on(request, redirect("tokens"), secret)


@login_required
@require_POST
def revoke_token(request: PageRequest, pk: int) -> HttpResponse:
    actor = request.actor
    token = get_object_or_404(ApiToken.objects.revocable_by(actor.user_id, is_admin=actor.is_admin), pk=pk)
    services.revoke_token(actor=actor, token=token, now=clock.now())
    return redirect("tokens")


def _page(request: PageRequest, form: TokenForm, *, secret: str = "", status: int = 200) -> HttpResponse:
    rows = list(ApiToken.objects.owned_by(request.actor.user_id).unrevoked().order_by("-created_at"))
    bound = [row.project_id for row in rows if row.project_id]
    keys = dict(Project.objects.filter(pk__in=bound).values_list("pk", "key")) if bound else {}
    listed = [{"token": row, "project": keys.get(row.project_id or 0, "")} for row in rows]
    return render(request, "projects/tokens.html", {"form": form, "tokens": listed, "secret": secret}, status=status)
