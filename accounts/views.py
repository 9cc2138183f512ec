"""Sign-in and the profile. Passwords are allauth's views under our templates."""

from dataclasses import dataclass

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.forms import ProfileForm
from accounts.http import PageRequest, calendar_url
from accounts.models import Language, Theme, User
from common import clock
from common.errors import DomainError, VersionMismatch
from common.forms import refuse
from common.redirects import back

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
THEME_COOKIE = "theme"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Persona:
    """One of the demo's people, with what waits for them; `lands` is the first page they see, my work if nowhere else.

    The demo's own data must have something on it for them, which a test of the demo holds.
    """

    key: str
    title: str | Promise
    promise: str | Promise
    role: str | Promise
    icon: str
    lands: str = "/"


PERSONAS = (
    # Of those who contribute, whom the demo asks for most: their list is the longest.
    Persona(
        "data-lead", _("I ship models"), _("What you owe, and what proof is still missing"), _("Data lead"), "code"
    ),
    Persona(
        "risk-officer",
        _("I decide"),
        _("A medical model is blocked: see why, and what clears it"),
        _("Risk officer"),
        "gavel",
    ),
    Persona(
        "portfolio-manager",
        _("I run the portfolio"),
        _("Three projects: one a week from go-live, two stuck"),
        _("Portfolio manager"),
        "layout-grid",
    ),
    # Auditors owe nothing: their card leads to what it promises.
    Persona(
        "auditor",
        _("I audit"),
        _("Why a gate said recycle, with the frozen proof"),
        _("Auditor"),
        "eye",
        lands="/projects/MEDR/gates/evaluation/history/",
    ),
)
# Whom the story of the first page asks to sign and vote, besides the personas.
CAST = frozenset({"legal-counsel", "ops-lead", "sponsor-retail", "pm-reco", "pm-care", "pm-med"})


@never_cache
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The promise, in the demo the four personas, and the form."""
    context = {"personas": PERSONAS if settings.DEMO else (), "demo": settings.DEMO}
    answer: HttpResponseBase = LoginView.as_view(extra_context=context)(request)
    return answer


@require_POST
def sign_in_as(request: HttpRequest) -> HttpResponse:
    """One click, no password: the demo's people and nobody else; elsewhere this page does not exist."""
    key, cards = request.POST.get("persona", ""), {persona.key: persona for persona in PERSONAS}
    if not settings.DEMO or key not in cards.keys() | CAST:
        raise Http404
    person = get_object_or_404(User.objects.active(clock.now().date()), username=key)
    login(request, person, backend=BACKEND)
    return back(request, cards[key].lands if key in cards else "/")


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: PageRequest) -> HttpResponse:
    """Who one is here and how one likes to be reached."""
    person = request.actor.person
    form = ProfileForm(request.POST) if request.method == "POST" else ProfileForm.of(person)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            services.update_profile(
                actor=request.actor,
                expected_version=form.cleaned_data["version"],
                now=clock.now(),
                **form.changes(),
            )
            return redirect("profile")
        except VersionMismatch as error:
            form.data = {
                **request.POST.dict(),
                "working_days": request.POST.getlist("working_days"),
                "version": error.current,
            }
            refuse(form, error)
            status = error.status
        except DomainError as error:
            refuse(form, error)
            status = error.status
    elif form.is_bound:
        status = 422
    return render(
        request,
        "accounts/profile.html",
        {"form": form, "person": person, "calendar_url": calendar_url(person)},
        status=status,
    )


@require_POST
def choose(request: PageRequest) -> HttpResponse:
    """The quick switches for language and colours: kept in the profile, before the sign-in in a cookie."""
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    changes = {}
    if language in Language.values and language:
        changes["language"] = language
    if theme in Theme.values:
        changes["theme"] = theme
    if changes and request.actor.user:
        version = request.actor.user.version
        services.update_profile(actor=request.actor, expected_version=version, now=clock.now(), **changes)
    response = back(request, "/")
    for name, cookie in (("language", settings.LANGUAGE_COOKIE_NAME), ("theme", THEME_COOKIE)):
        if name in changes:
            response.set_cookie(
                cookie, changes[name], max_age=YEAR, secure=settings.HTTPS, samesite="Lax", httponly=True
            )
    return response
