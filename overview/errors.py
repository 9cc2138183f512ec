from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class DemoInUse(DomainError):
    title = _("The demo is in use")
