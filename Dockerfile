# One image for web, worker, beat, migrations and staff: docker-compose.yml says which command runs.
FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements/uv.txt requirements/base.txt ./
RUN pip install --no-cache-dir --require-hashes -r uv.txt \
    && python -m venv /opt/venv \
    && VIRTUAL_ENV=/opt/venv uv pip install --no-cache --compile-bytecode --require-hashes -r base.txt

FROM python:3.11-slim-bookworm
# Reading trusts the system's certificates. Pages that are made by script are read in Chromium, which needs a font.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates chromium fonts-dejavu-core && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin atlas \
    && install -d -o atlas -g atlas /var/lib/atlas
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp ATLAS_STATE=/var/lib/atlas
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY atlas atlas
COPY accounts accounts
COPY billing billing
COPY monitoring monitoring
COPY templates templates
RUN python -m compileall -q . && SECRET_KEY=only-to-collect-files python manage.py collectstatic --noinput --verbosity 0
USER atlas
EXPOSE 8000
CMD ["gunicorn", "atlas.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--preload", "--no-control-socket"]
