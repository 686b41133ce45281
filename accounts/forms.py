"""Forms of sign-up and settings."""

from __future__ import annotations

from functools import cache
from typing import Any, cast
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponseBase

from accounts import lockout
from accounts.lockout import Kind
from accounts.models import User


@cache
def time_zones() -> tuple[str, ...]:
    """The names that a person may choose from, UTC first, then by continent and city."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(places))


class GuessedZone(forms.CharField):
    """A time zone. A guess that we can't use is no reason to refuse a person."""

    def clean(self, value: object) -> str:
        return str(value) if value in time_zones() else "UTC"


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """E-mail address and password, and the time zone, which a script guesses from the browser for all to see."""

    field_order = ("email", "password1", "time_zone")

    time_zone = GuessedZone(
        initial="UTC",
        label="Time zone",
        help_text="Guessed from your browser. Digests come on Monday morning there.",
        widget=forms.Select,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "password1"
        ].help_text = "At least 10 characters, not all of them digits, and none of the common ones."
        zone = cast(forms.Select, self.fields["time_zone"].widget)
        zone.choices = [(name, name.replace("_", " ")) for name in time_zones()]
        if not self.is_bound:  # what somebody chose is not guessed anew
            zone.attrs["data-time-zone"] = ""
        for name in ("email", "password1"):  # they would only repeat the labels
            self.fields[name].widget.attrs.pop("placeholder", None)

    def clean(self) -> dict[str, Any]:
        lockout.refuse(context.request, Kind.SIGN_UP_FROM)
        return super().clean()  # type: ignore[no-any-return]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponseBase | None]:
        """For an address that has an account allauth opens none, and hashes nothing: the answer would come sooner."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)  # type: ignore[no-any-return]

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        super().custom_signup(request, user)
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]
    """Asked for by anybody, for any address."""

    def clean_email(self) -> str:
        lockout.refuse(context.request, Kind.RESET_FROM)
        return str(super().clean_email())


class LockedOut:
    """A form for a code of six digits, which could be guessed: after a few wrong ones no more is judged."""

    user: User
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.pop("placeholder", None)

    def clean_code(self) -> str:
        subject = str(self.user.pk)
        if not lockout.take(Kind.SECOND_STEP, subject):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()  # type: ignore[misc]
        lockout.give_back(Kind.SECOND_STEP, subject)
        return code


class SecondStepForm(LockedOut, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    """At sign-in."""


class SecondStepAgainForm(LockedOut, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    """Before a delicate step."""


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey, in our words."""

    passwordless = forms.BooleanField(
        label="It opens the account without the password",
        help_text="Your device then asks for your finger, face or PIN each time. Without this it is a second step alone.",
        required=False,
        initial=True,
    )
