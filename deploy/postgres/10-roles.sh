#!/bin/bash
# Runs once, when the PostgreSQL volume is empty. Two roles that cannot read each other: the product's, and Temporal's,
# which creates its two databases itself.
set -euo pipefail
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv relance_password RELANCE_DB_PASSWORD
\getenv temporal_password TEMPORAL_DB_PASSWORD
CREATE ROLE relance LOGIN PASSWORD :'relance_password';
CREATE DATABASE relance OWNER relance;
REVOKE CONNECT ON DATABASE relance FROM PUBLIC;
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal_password';
SQL
