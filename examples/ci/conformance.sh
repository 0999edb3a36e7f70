#!/bin/sh
# Checks a sync server in any CI that runs a shell: Jenkins, Buildkite, a Makefile, a hook before a push.
#
#   SYNC_START="./my-server --port {port}" ./conformance.sh          a server that is started for it
#   SYNC_URL=https://sync.staging.example ./conformance.sh           one that runs
#
# MIRUBATO_JWT_SECRET   the HS256 secret that tokens are signed with
# KNOWN_FAILURES        file of known failures, if there is one
# REPORTS               folder for the reports (reports)
# Arguments are passed on: ./conformance.sh --only IDEM
set -eu

reports=${REPORTS:-reports}
if [ -n "${SYNC_URL:-}" ]; then
  set -- --url "$SYNC_URL" "$@"
elif [ -n "${SYNC_START:-}" ]; then
  set -- --start "$SYNC_START" "$@"
else
  echo "which server? Set SYNC_URL to its address, or SYNC_START to the command that starts it" >&2
  exit 2
fi
if [ -n "${KNOWN_FAILURES:-}" ]; then
  set -- --baseline "$KNOWN_FAILURES" "$@"
fi

status=0
npx mirubato-sync test server "$@" \
  --report "json=$reports/conformance.json" \
  --report "junit=$reports/junit.xml" \
  --report "html=$reports/conformance.html" || status=$?

case $status in
0) echo "it conforms" ;;
1) echo "a MUST failed, or a known failure fails no more: see $reports/conformance.html" >&2 ;;
2) echo "wrong usage: the sentence above says what to mend" >&2 ;;
*) echo "something could not run: no verdict on the server, worth another attempt" >&2 ;;
esac
exit "$status"
