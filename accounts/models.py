"""Users, organizations, memberships, what an organization may do, and what was done in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from accounts import plans
from accounts.policies import AppendOnly, TenantPolicy
from atlas.kernel import clock
from atlas.kernel.ids import WithPublicId


class Role(models.TextChoices):
    """What a member may do in an organization; each includes those before it."""

    VIEWER = "viewer", "Viewer"
    MEMBER = "member", "Member"
    ADMIN = "admin", "Admin"
    OWNER = "owner", "Owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


class StaffRole(models.TextChoices):
    ANALYST = "analyst", "Analyst"
    EDITOR = "editor", "Editor"
    OPERATOR = "operator", "Operator"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A user who signs in with this address, kept in lower case."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, staff_role=StaffRole.OPERATOR, **fields
        )

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail address. `staff_role` opens the desk; another `session_epoch` ends every session."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    staff_role = models.CharField(max_length=16, choices=StaffRole.choices, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    erase_at = models.DateTimeField(null=True, blank=True, editable=False)  # they asked for it; it is done then
    date_joined = models.DateTimeField(default=clock.now)
    first_hour_ended_at = models.DateTimeField(null=True, editable=False)  # the list of first steps was put away

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.email

    def get_short_name(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """What each session is held against: it changes with the password and with the epoch."""
        if not self.session_epoch:
            return super()._get_session_auth_hash(secret)  # type: ignore[misc,no-any-return]
        held = f"{self.password}:{self.session_epoch}"
        return salted_hmac("accounts.User.session", held, secret=secret, algorithm="sha256").hexdigest()


class Organization(WithPublicId):
    """The tenant. Everybody who signs up gets a personal one. Where `demands_second_step`, a member without a second step of
    signing in sees nothing of it."""

    PREFIX = "org"

    name = models.CharField(max_length=120)
    personal = models.BooleanField(default=True)
    closes_at = models.DateTimeField(null=True, blank=True)  # an owner has closed it; it is deleted then
    demands_second_step = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            TenantPolicy(
                name="organization_policy",
                column="id",
                own="id IN (SELECT m.organization_id FROM accounts_membership m WHERE m.user_id = {user})",
            )
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user: User) -> MembershipQuerySet:
        """The user's own memberships, the oldest first."""
        return self.filter(user=user).select_related("organization").order_by("created_at", "pk")

    def in_organization(self, organization: Organization) -> MembershipQuerySet:
        """Its members, the longest there first."""
        return self.filter(organization=organization).select_related("user").order_by("created_at", "pk")


class Membership(WithPublicId):
    """A user's role in an organization."""

    PREFIX = "mem"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(default=clock.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once"),
            TenantPolicy(name="membership_policy", own='"user_id" = {user}'),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} of {self.organization}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, moment: datetime) -> InvitationQuerySet:
        """Those that can still be used, the newest first. That the inviter still may is asked when one is."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=moment).order_by("-pk")


class Invitation(WithPublicId):
    """An open offer of a role to one address. The token stands in the mail alone; here is its SHA-256.

    `asked_by`: somebody with another address who opened the link, and who waits for the inviter's word.
    """

    PREFIX = "inv"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)  # in lower case
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            ),
            TenantPolicy(name="invitation_policy"),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} as {self.role}"


class KeyScope(models.TextChoices):
    """What a key of the API may do; the plan may allow less."""

    READ = "read", "read"
    WRITE = "write", "read and change the watchlist"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, moment: datetime) -> ApiKeyQuerySet:
        """Neither ended nor past their time, the newest first."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=moment), revoked_at__isnull=True).order_by(
            "-pk"
        )


class ApiKey(WithPublicId):
    """A key of the organization. The secret is shown once; here are its SHA-256 and its first characters."""

    PREFIX = "key"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=8, choices=KeyScope.choices, default=KeyScope.READ)
    beginning = models.CharField(max_length=16, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)  # to the minute
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [TenantPolicy(name="api_key_policy")]

    def __str__(self) -> str:
        return f"key {self.beginning}…"


class EntitlementQuerySet(models.QuerySet["Entitlement"]):
    def lock(self, organization: Organization) -> Entitlement:
        """The organization's row, locked until the transaction ends: taken before anything that counts against a limit."""
        return self.select_for_update(of=("self",)).get(organization=organization)

    def ended(self, moment: datetime) -> EntitlementQuerySet:
        """Those whose plan has ended and that still name it, the longest ended first."""
        return self.filter(until__lte=moment).order_by("until", "pk")


class Entitlement(models.Model):
    """What an organization may do now: plan, until when, and why. `billing` alone writes it; everyone asks `plan`."""

    class Source(models.TextChoices):
        FREE = "free", "Free"
        GRANT = "grant", "Granted by an operator"
        STRIPE = "stripe", "Paid"

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="entitlement")
    plan_slug = models.CharField(max_length=16, choices=[(p, plans.plan(p).name) for p in plans.PLANS], default="free")
    until = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.FREE)
    reason = models.CharField(max_length=300, blank=True)
    locked_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    objects = EntitlementQuerySet.as_manager()

    class Meta:
        constraints = [
            TenantPolicy(
                name="entitlement_policy",
                insert='"plan_slug" = \'free\' AND "until" IS NULL',
                own='"organization_id" IN (SELECT m.organization_id FROM accounts_membership m WHERE m.user_id = {user})',
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan.name} for {self.organization}"

    def plan_at(self, moment: datetime) -> plans.Plan:
        """The plan in force then: expiry is a comparison with the clock."""
        if self.until is not None and self.until <= moment:
            return plans.FREE
        return plans.plan(self.plan_slug)

    @property
    def plan(self) -> plans.Plan:
        return self.plan_at(clock.now())


class AuditEntry(models.Model):
    """What was done in an organization. Append-only; it holds ids, the names stand elsewhere and can be erased: the rows stay
    when their organization is gone."""

    organization = models.ForeignKey(
        Organization, on_delete=models.DO_NOTHING, related_name="audit_entries", db_constraint=False
    )
    actor_id = models.BigIntegerField(null=True)
    by_staff = models.BooleanField(default=False)
    action = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["organization", "-recorded_at"], name="audit_newest")]
        constraints = [TenantPolicy(name="audit_policy"), AppendOnly(name="audit_append_only")]

    def __str__(self) -> str:
        return f"{self.action} at {self.recorded_at:%Y-%m-%d %H:%M}"


class Attempts(models.Model):
    """How often something was tried since a moment, and until when no more is let through. `subject` is a keyed hash of an
    address, a network address or a user's id: the table names nobody."""

    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=64)
    count = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(default=clock.now)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "attempts"
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="attempts_once")]
        indexes = [models.Index(fields=["since"], name="attempts_oldest")]

    def __str__(self) -> str:
        return f"{self.count} of {self.kind}"


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self, moment: datetime) -> OutgoingMailQuerySet:
        """Those to send now that no worker holds, the longest waiting first."""
        return (
            self.filter(sent_at__isnull=True, failed_at__isnull=True, next_try_at__lte=moment)
            .filter(Q(leased_until__isnull=True) | Q(leased_until__lte=moment))
            .order_by("next_try_at", "pk")
        )

    def settled_before(self, moment: datetime) -> OutgoingMailQuerySet:
        """Those that were sent or given up before this moment."""
        return self.filter(Q(sent_at__lt=moment) | Q(failed_at__lt=moment))


class OutgoingMail(models.Model):
    """A mail of accounts (codes, resets, invitations): written in the request's transaction, sent by the worker.
    `failed_at`: given up."""

    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    next_try_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"], name="mail_to_send", condition=Q(sent_at__isnull=True, failed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient}"
