"""The demo's people as rows: members with their organizations and plans, and the staff. Again and again the same."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from accounts import organizations, staff, tenancy
from accounts.models import Membership, StaffRole, User
from accounts.plans import PlanSlug
from atlas.demo.people import PEOPLE, Person
from billing.models import Grant
from billing.services import grant_plan
from monitoring.catalogue.models import Platform
from monitoring.watching.models import WatchlistItem
from monitoring.watching.services import follow

STAFF = {role.value: role for role in StaffRole}
#: What the members follow from the day on which they joined.
FOLLOWED = {
    PlanSlug.FREE: ("wrenfold",),
    PlanSlug.WATCHER: ("wrenfold", "tintavox"),
    PlanSlug.PROFESSIONAL: ("wrenfold", "tintavox", "hexmoor"),
}


def enrol() -> None:
    """Everybody of `people.PEOPLE` can sign in: verified, with a plan or a staff role."""
    for person in PEOPLE:
        user = _user(person)
        if person.role not in STAFF:
            organizations.open_personal(user=user)
            continue
        with tenancy.system_scope("give the demo's staff their roles"):
            staff.give_role(user=user, role=STAFF[person.role])
    _grant_plans()


def _grant_plans() -> None:
    for person in PEOPLE:
        plan = _plan(person)
        if plan is None or plan == PlanSlug.FREE:
            continue
        organization = _membership(person).organization
        with tenancy.system_scope("grant the demo's plans"):
            if not Grant.objects.filter(organization=organization).exists():
                grant_plan(organization=organization, plan=plan, until=None, reason="shown in the demo", operator=None)


def follow_from_the_start() -> None:
    """The members follow the demo's platforms, each within their plan."""
    for person in PEOPLE:
        plan = _plan(person)
        if plan is None:
            continue
        membership = _membership(person)
        with tenancy.scope(membership.organization_id, membership.user_id):
            followed = set(WatchlistItem.objects.values_list("platform__slug", flat=True))
            for platform in Platform.objects.filter(slug__in=FOLLOWED[plan]).exclude(slug__in=followed):
                follow(by=membership, platform=platform)


def _user(person: Person) -> User:
    existing = User.objects.filter(email=person.email).first()
    if existing is not None:
        return existing
    user = User.objects.create_user(
        person.email,
        person.password,
        name=person.email.partition("@")[0].capitalize(),
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _plan(person: Person) -> PlanSlug | None:
    return next((plan for plan in PlanSlug if plan in person.email), None)


def _membership(person: Person) -> Membership:
    return organizations.open_personal(user=User.objects.get(email=person.email))
