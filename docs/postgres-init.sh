#!/bin/sh
# Run once by the database container of compose-postgres.yaml, as an administrator would: the roles, the database and
# the extension of docs/scaling.md. The passwords are read from files, and are in no command line.
set -eu
export SECRETS="${SECRETS:-/run/secrets}"
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set writer `cat "$SECRETS/writer_password"`
\set reader `cat "$SECRETS/reader_password"`
CREATE ROLE assessments_writer LOGIN PASSWORD :'writer';
CREATE ROLE assessments_reader LOGIN PASSWORD :'reader';
CREATE DATABASE assessments OWNER assessments_writer;
\connect assessments
CREATE EXTENSION vector;
ALTER DEFAULT PRIVILEGES FOR ROLE assessments_writer GRANT USAGE ON SCHEMAS TO assessments_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE assessments_writer GRANT SELECT ON TABLES TO assessments_reader;
SQL
