from django.apps import AppConfig


class AtlasConfig(AppConfig):
    name = "atlas"
    verbose_name = "ConductAtlas"

    def ready(self) -> None:
        # Importing registers the checks, and makes our Celery application the current one (for doorbells).
        from atlas import celery, checks  # noqa: F401
