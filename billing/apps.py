from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from accounts import staff
        from accounts.models import StaffRole

        staff.allow(StaffRole.OPERATOR, rights={"billing.Grant": "view add change"})
