from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import User
from projects.models.portfolio import Portfolio, PortfolioManager

ACCESS = ("owner", "contribute", "decide", "view")


class ProjectState(models.TextChoices):
    ACTIVE = "active", _("Active")
    ON_HOLD = "on_hold", _("On hold")
    COMPLETED = "completed", _("Completed")
    KILLED = "killed", _("Killed")
    RETIRED = "retired", _("Retired")
    ARCHIVED = "archived", _("Archived")


class Health(models.TextChoices):
    ON_TRACK = "on_track", _("On track")
    AT_RISK = "at_risk", _("At risk")
    OFF_TRACK = "off_track", _("Off track")


class Visibility(models.TextChoices):
    INTERNAL = "internal", _("Internal")
    PRIVATE = "private", _("Private")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, actor: Actor) -> Self:
        """Row 1 of the rights: members, managers above, admins and auditors; `internal` ones for all who signed in.

        Guests see what they are members of, auditing guests too. A token sees only its project.
        """
        if actor.user is None:
            return self if actor.is_system else self.none()
        seen = self if actor.is_admin or actor.is_auditor else self.filter(_reach(actor.user))
        return seen if actor.project_id is None else seen.filter(pk=actor.project_id)

    def lock(self, pk: int) -> "Project":
        """The project's row, held until the transaction ends: rule 2 of every service that moves its state."""
        return self.select_for_update(of=("self",)).get(pk=pk)

    def running(self) -> Self:
        return self.filter(state=ProjectState.ACTIVE)


def _reach(user: User) -> Q:
    member = Membership.objects.filter(project=OuterRef("pk"), user_id=user.pk)
    if user.is_guest:
        return Q(Exists(member))
    # Asked once for all projects, not once for each: counting thousands takes a tenth of the time.
    managed = Portfolio.objects.filter(Exists(PortfolioManager.objects.over(OuterRef("path"), user.pk)))
    return Q(visibility=Visibility.INTERNAL) | Exists(member) | Q(portfolio__in=managed)


class Project(models.Model):
    """A large-model project, from idea to retirement. Its way through the gates is lifecycle.Process."""

    key = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=120)
    objective = models.TextField(max_length=4000)
    exit_criteria = models.TextField(max_length=4000, blank=True)
    # {"zh": {"name": …, "objective": …}}: an organisation's own texts need one language only.
    translations = models.JSONField(default=dict)
    portfolio = models.ForeignKey(Portfolio, models.PROTECT, null=True, related_name="projects")
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.INTERNAL)
    state = models.CharField(max_length=10, choices=ProjectState, default=ProjectState.ACTIVE)
    state_before_archive = models.CharField(max_length=10, choices=ProjectState, blank=True)
    health = models.CharField(max_length=10, choices=Health, default=Health.ON_TRACK)
    starts_on = models.DateField(null=True)
    target_on = models.DateField(null=True)
    currency = models.CharField(max_length=3, default="EUR")
    expected_value = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    links = models.JSONField(default=list)
    industry = models.CharField(max_length=40, blank=True)
    application = models.CharField(max_length=40, blank=True)
    domains = models.JSONField(default=list)
    model_class = models.CharField(max_length=40, blank=True)
    build_mode = models.CharField(max_length=40, blank=True)
    innovation_path = models.CharField(max_length=40, blank=True)
    innovation_model = models.CharField(max_length=40, blank=True)
    ai_act_tier = models.CharField(max_length=20, blank=True)
    ai_act_roles = models.JSONField(default=list)
    legal_hold = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        indexes = [models.Index(fields=["state", "key"], name="project_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(target_on=None) | Q(target_on__gte=F("starts_on")),
                name="project_does_not_end_before_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(state="archived", state_before_archive__gt="")
                | ~Q(state="archived") & Q(state_before_archive=""),
                name="project_remembers_its_state_while_archived",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("project", args=[self.key])

    @property
    def display_name(self) -> str:
        return self._text("name")

    @property
    def display_objective(self) -> str:
        return self._text("objective")

    def _text(self, field: str) -> str:
        language = (get_language() or "en").split("-")[0]
        translated: dict[str, Any] = self.translations.get(language, {})
        return str(translated.get(field) or getattr(self, field))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(project__in=Project.objects.visible_to(actor))

    def ties(self, project_id: int, user_id: int) -> tuple[frozenset[str], frozenset[str]]:
        """The access and the functional roles of one person in one project; both empty for others. One query."""
        rows = list(self.filter(project_id=project_id, user_id=user_id).values_list(*ACCESS, "functions__role"))
        access = frozenset(name for row in rows for name, held in zip(ACCESS, row, strict=False) if held)
        return access, frozenset(row[-1] for row in rows if row[-1])

    def owners(self) -> Self:
        return self.filter(owner=True)

    def holding(self, role: str) -> Self:
        return self.filter(functions__role=role)


class Membership(models.Model):
    """What one person may do in one project (`access`), and in which capacities they act (`functions`)."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    owner = models.BooleanField(default=False)
    contribute = models.BooleanField(default=False)
    decide = models.BooleanField(default=False)
    view = models.BooleanField(default=False)
    team = models.BooleanField(default=True)
    since = models.DateTimeField()
    # Where it was inherited from; a membership of the project's own names none.
    standing = models.ForeignKey(
        "projects.StandingRole", models.PROTECT, null=True, related_name="memberships", db_index=True
    )
    # When `decide` was given; without it, it came with the membership.
    decide_since = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="person_is_a_member_once"),
            models.CheckConstraint(
                condition=Q(owner=True) | Q(contribute=True) | Q(decide=True) | Q(view=True),
                name="member_has_some_access",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"

    @property
    def access(self) -> list[str]:
        return [name for name in ACCESS if getattr(self, name)]

    @property
    def roles(self) -> list[str]:
        return [function.role for function in self.functions.all()]


class FunctionalRole(models.Model):
    """A capacity (sponsor, data_lead, …) in which a member signs, approves or votes; gives no access by itself."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="functions")
    role = models.CharField(max_length=40)
    since = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["role"], name="functional_role_by_key")]
        constraints = [models.UniqueConstraint(fields=["membership", "role"], name="role_is_held_once")]

    def __str__(self) -> str:
        return self.role


class ProjectTag(models.Model):
    """A tag of the catalogue on a project; tags add required checks."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="tag_rows")
    key = models.CharField(max_length=40)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="tag_is_set_once_on_a_project")]

    def __str__(self) -> str:
        return self.key


class HoldPeriodQuerySet(models.QuerySet["HoldPeriod"]):
    def running(self) -> Self:
        return self.filter(ended_on=None)

    def ending(self, first: date, last: date) -> Self:
        return self.running().filter(until__range=(first, last))


class HoldPeriod(models.Model):
    """A pause: planned dates stay, its days are counted."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="holds")
    reason = models.TextField(blank=True)
    started_on = models.DateField()
    until = models.DateField()
    ended_on = models.DateField(null=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = HoldPeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(ended_on=None), name="project_has_one_running_hold"
            ),
            models.CheckConstraint(condition=Q(until__gte=F("started_on")), name="hold_does_not_end_before_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.project} on hold until {self.until}"
