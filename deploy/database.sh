#!/bin/sh
# Run by PostgreSQL's image when it makes the database, as its superuser. The dashboard gets a role of its own that owns
# its database and nothing else.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set password="$(cat "${DATABASE_PASSWORD_FILE:-/run/secrets/database_password}")" <<'SQL'
CREATE ROLE jobs LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'password';
CREATE DATABASE jobs OWNER jobs;
REVOKE ALL ON DATABASE jobs, postgres FROM PUBLIC;
SQL
