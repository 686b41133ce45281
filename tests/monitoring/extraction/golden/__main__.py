"""``python -m tests.monitoring.extraction.golden``: write the corpus anew."""

from __future__ import annotations

import sys

from tests.monitoring.extraction.golden import NumberNotRaised, rewrite

try:
    print(f"{rewrite()} texts of our own pages changed.")
except NumberNotRaised as error:
    sys.exit(str(error))
