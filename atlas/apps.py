from django.apps import AppConfig


class AtlasConfig(AppConfig):
    name = "atlas"
    verbose_name = "ConductAtlas"

    def ready(self) -> None:
        from atlas import celery  # noqa: F401 - makes our Celery application the current one, for doorbells
