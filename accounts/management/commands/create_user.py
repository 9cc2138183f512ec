"""`manage.py create_user --username ann --email ann@example.org --name Ann [--admin] [--auditor]`"""

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import services
from accounts.actor import Actor
from accounts.models import User
from common import clock
from common.errors import DomainError


class Command(BaseCommand):
    help = "Add a person. The password comes from EIGHTGATE_PASSWORD, else it is asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--admin", action="store_true", help="runs the instance")
        parser.add_argument("--auditor", action="store_true", help="reads everything")

    def handle(self, *args: Any, **options: Any) -> None:
        roles = {"is_admin": options["admin"], "is_auditor": options["auditor"]}
        about = {name: options[name] for name in ("username", "email", "name")}
        person = User(**about, **roles)
        password = os.environ.get("EIGHTGATE_PASSWORD") or getpass.getpass("Password: ")
        try:
            person.full_clean(exclude=["password"])
            validate_password(password, person)
            services.create_user(actor=Actor.system(), password=password, now=clock.now(), **about, **roles)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{person.username} may sign in."))
