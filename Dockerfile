# The whole product in one image: `docker build -t jobs-dashboard .`
# Nothing secret is needed to build it, and none is in it: keys and passwords come as files when it runs.

FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements/ requirements/
RUN python -m venv /venv
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/runtime.txt
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/extras.txt
COPY . .
# The keys of this step are made up, used once and kept nowhere.
RUN SECRET_KEY="$(head -c 60 /dev/urandom | base64 -w0)" \
    TOKEN_ENCRYPTION_KEYS="$(head -c 32 /dev/urandom | base64 -w0 | tr '+/' '-_')" \
    STATIC_FOLDER=/app/staticfiles /venv/bin/python manage.py collectstatic --noinput --verbosity 0
RUN /venv/bin/python -m compileall -q /venv/lib /app

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STATIC_FOLDER=/app/staticfiles \
    DATABASE_URL=sqlite:////data/db.sqlite3 \
    LOG_FORMAT=json
RUN mkdir /data && chown 10001:10001 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["gunicorn", "dashboard.wsgi", "--bind", "0.0.0.0:8000"]
