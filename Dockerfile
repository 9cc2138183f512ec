# syntax=docker/dockerfile:1
# Three stages: the browser's files, the Python packages, and a small image that holds both and runs as nobody special.

FROM node:24-slim AS browser
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ frontend/
RUN npm run build

FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && /opt/venv/bin/python -m compileall -q /opt/venv/lib

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    EIGHTGATE_DATA=/data \
    STATIC_ROOT=/app/collected \
    STATIC_MANIFEST=1
# Pango and Chinese fonts are what gate packs are printed with; the base image's release pins them.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 eightgate \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --create-home eightgate
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
COPY --from=browser /build/static/dist static/dist
# The embedded edition's keys serve for collecting only; they stay in a folder that this layer leaves.
RUN python scripts/messages.py \
    && EIGHTGATE_DATA=/tmp/collect BASE_URL=http://127.0.0.1:8000 python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf /tmp/collect
USER 10001:10001
EXPOSE 8000
VOLUME /data
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "common.alive"]
CMD ["gunicorn", "-c", "deploy/gunicorn.conf.py"]
