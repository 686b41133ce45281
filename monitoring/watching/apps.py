from django.apps import AppConfig


class WatchingConfig(AppConfig):
    name = "monitoring.watching"
    label = "watching"
    verbose_name = "Watching"

    def ready(self) -> None:
        from accounts import lifecycle
        from monitoring.watching import services

        lifecycle.after_plan_change("watchlist", services.fit_to_plan)
