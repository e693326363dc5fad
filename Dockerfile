# The whole product in one image: `docker build -t jobs-dashboard .`, for any platform that Python and its packages know.
# Nothing secret is needed to build it, and none is in it: keys and passwords come as files when it runs.
# The simulated API is in it, because `demo` is; nothing else starts it, and what serves does not import it.

FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements/ requirements/
RUN python -m venv --without-pip /venv
RUN python -m pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/extras.txt
COPY . .
# The keys of this step are made up, used once and kept nowhere.
RUN SECRET_KEY="$(head -c 60 /dev/urandom | base64 -w0)" \
    TOKEN_ENCRYPTION_KEYS="$(head -c 32 /dev/urandom | base64 -w0 | tr '+/' '-_')" \
    STATIC_FOLDER=/app/staticfiles /venv/bin/python manage.py collectstatic --noinput --verbosity 0
RUN /venv/bin/python -m compileall -q /venv/lib /app

FROM python:3.13-slim
ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Jobs dashboard for Invopop" \
      org.opencontainers.image.description="A live web dashboard for Invopop Transform jobs, for support desks." \
      org.opencontainers.image.licenses=MIT \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.source=$SOURCE
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STATIC_FOLDER=/app/staticfiles \
    DATABASE_URL=sqlite:////data/db.sqlite3 \
    LOG_FORMAT=json
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/* \
    && mkdir /data && chown 10001:10001 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/app/deploy/entrypoint.sh", "healthy"]
ENTRYPOINT ["tini", "-g", "--", "/app/deploy/entrypoint.sh"]
CMD ["web"]
