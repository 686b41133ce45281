from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "monitoring.archive"
    label = "archive"
    verbose_name = "Archive"
