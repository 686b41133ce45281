from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """An app without models, for commands, tasks and the admin."""

    name = "monitoring"
    verbose_name = "Monitoring"
