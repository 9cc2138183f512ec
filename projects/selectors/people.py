"""Who is to be told, and who is meant by a name."""

import re
from collections.abc import Iterable

from django.db.models import Q

from accounts.actor import Actor
from accounts.models import User, UserQuerySet
from projects.models import Membership, Project
from projects.models.project import MembershipQuerySet
from projects.permissions import MATRIX, YES, Action, Standing

ACCESS = (Standing.OWNER, Standing.CONTRIBUTE, Standing.DECIDE)
# A name that stands alone: not the right half of a mail address.
MENTION = re.compile(r"(?<![\w@.])@([A-Za-z0-9._-]{1,60})")


def owners_of(project_id: int) -> list[int]:
    """User ids of the project's owners who can still sign in."""
    return _ids(Membership.objects.filter(project_id=project_id, owner=True))


def deciders_of(project_id: int) -> list[int]:
    """User ids of the members who may decide its gates."""
    return _ids(Membership.objects.filter(project_id=project_id, decide=True))


def members_who_may(action: Action, project_id: int) -> list[int]:
    """User ids of the active members whose access gives them a right; one query, however many they are."""
    giving = [str(column) for column in ACCESS if MATRIX[action][column] == YES]
    if not giving:
        return []
    access = Q(*((column, True) for column in giving), _connector=Q.OR)
    return _ids(Membership.objects.filter(access, project_id=project_id))


def person_who_sees(project: Project, username: str) -> User | None:
    """The active person of this name, if they see the project: nobody can be given work they cannot open."""
    user = User.objects.active().named(username).first()
    if user is None or not Project.objects.visible_to(Actor.for_user(user)).filter(pk=project.pk).exists():
        return None
    return user


def known_to(actor: Actor) -> UserQuerySet:
    """Whom a form may offer by name: everybody, or for a guest the members of their projects."""
    people = User.objects.active().order_by("name")
    if actor.user is None or not actor.user.is_guest:
        return people
    return people.filter(pk__in=Membership.objects.visible_to(actor).values("user"))


def may_serve(member: Membership, actor: Actor) -> bool:
    """Whether the actor can name this member as their deputy: somebody else, active, who does more than read."""
    works = member.owner or member.contribute or member.decide
    return works and member.user.is_active and member.user_id != actor.user_id


def deputies_possible(project: Project, actor: Actor) -> list[User]:
    """Whom the actor can name as their deputy."""
    rows = Membership.objects.filter(project=project).select_related("user").order_by("user__name")
    return [member.user for member in rows if may_serve(member, actor)]


def mentioned(text: str, project: Project) -> list[int]:
    """Ids of the people called `@username` who see the project; at most ten: nobody spams an organisation."""
    names = list(dict.fromkeys(MENTION.findall(text)))[:10]
    people = (person_who_sees(project, name.rstrip(".")) for name in names)
    return [person.pk for person in people if person is not None]


def display_names(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id in the reader's language, for texts over plain ids. One query."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    return {user.pk: user.display_name for user in User.objects.filter(pk__in=wanted)}


def _ids(members: MembershipQuerySet) -> list[int]:
    return list(members.filter(user__is_active=True).values_list("user_id", flat=True))
