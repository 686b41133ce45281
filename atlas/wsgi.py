"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from atlas.checks import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlas.settings")
refuse_unsafe()
application = get_wsgi_application()
