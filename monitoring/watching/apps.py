from django.apps import AppConfig


class WatchingConfig(AppConfig):
    name = "monitoring.watching"
    label = "watching"
    verbose_name = "Watching"
