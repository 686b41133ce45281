from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import receivers, staff
        from accounts.models import StaffRole

        receivers.connect()
        staff.allow(StaffRole.OPERATOR, rights={"accounts.User": "view change"})
