from django.apps import AppConfig


class FindingsConfig(AppConfig):
    name = "monitoring.findings"
    label = "findings"
    verbose_name = "Findings"
