"""How allauth's sign-in meets our rules: failures counted in the database, no sign-up, mail to known addresses only."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import dateformat
from django.utils.formats import get_format
from django.utils.translation import gettext as _

from accounts import services
from accounts.errors import AccountEnded
from accounts.http import actor_of_session
from accounts.models import User
from common import clock, problems
from common.errors import RateLimited
from common.network import client_address

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """What allauth asks its host about."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Admins make accounts."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Before a password is looked at. Ends the request with 429 after too many failures."""
        try:
            services.check_not_throttled(
                login=_login(credentials), address=self.get_client_ip(request), now=clock.now()
            )
        except RateLimited as error:
            is_page = "text/html" in request.headers.get("Accept", "")
            raise ImmediateHttpResponse(
                problems.page(request, error) if is_page else problems.respond(error)
            ) from error

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        services.count_failure(login=_login(credentials), address=self.get_client_ip(request), now=clock.now())

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **details: Any) -> HttpResponse | None:
        """After the password was right: nobody signs in after the last day of their account, and reads why."""
        person, now = User.objects.get(pk=user.pk), clock.now()
        until = person.active_until
        if until is None or not person.has_ended(now.date()):
            answer: HttpResponse | None = super().pre_login(request, user, **details)
            return answer
        detail = _("This account was open through %(day)s. Ask whoever invited you, or an admin, to extend it.")
        day = dateformat.format(until, get_format("DATE_FORMAT"))
        return problems.page(request, AccountEnded(detail % {"day": day}))

    def _rollback_login_failed_rl_usage(self) -> None:
        """Nothing was consumed: only failures count."""

    def get_reset_password_from_key_url(self, key: str) -> str:
        """From BASE_URL: the request's Host header never gets into a mail."""
        return settings.BASE_URL + reverse("account_reset_password_from_key", args=key.split("-", 1))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "unknown"

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        person = User.objects.get(pk=user.pk)
        services.change_password(actor=actor_of_session(self.request), user=person, password=password, now=clock.now())
        # The session at hand is kept by the hash of what was stored just now.
        user.password = person.password

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """To the address in the database: `mıke@` typed in must never stand on an envelope (CVE-2019-19844)."""
        stored = User.objects.get(pk=user.pk).email
        if stored:
            self.send_mail("account/email/password_reset_key", stored, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away must not tell known addresses from unknown ones, nor fail the page."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            logger.exception("mail %s could not be handed over", template_prefix)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "successfully signed in": the page that follows says enough."""


def _login(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "")
