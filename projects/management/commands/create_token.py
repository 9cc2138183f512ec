"""`manage.py create_token`: prints a new API token, alone on its line. It is shown this once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actor import Actor
from accounts.models import PRESETS, SCOPES, User
from accounts.services import create_token
from common import clock
from common.errors import DomainError
from projects.models import Project


class Command(BaseCommand):
    help = "Make an API token for a user and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = ", ".join([*PRESETS, *SCOPES])
        parser.add_argument("--user", required=True, help="user name of the person it acts for")
        parser.add_argument("--name", required=True, help="what it is for")
        parser.add_argument("--scope", required=True, nargs="+", action="extend", help=f"one or more of: {words}")
        parser.add_argument("--project", help="key of the only project it may reach")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.active().named(options["user"]).first()
        if user is None:
            raise CommandError(f"There is no active user named {options['user']}.", returncode=2)
        try:
            _token, secret = create_token(
                actor=Actor.system(),
                user=user,
                name=options["name"],
                scopes=options["scope"],
                now=clock.now(),
                project_id=_project_id(user, options["project"]),
            )
        except DomainError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(secret)


def _project_id(user: User, key: str | None) -> int | None:
    if key is None:
        return None
    project = Project.objects.visible_to(Actor.for_user(user)).filter(key=key).first()
    if project is None:
        raise CommandError(f"{user.username} sees no project {key}.", returncode=2)
    return project.pk
