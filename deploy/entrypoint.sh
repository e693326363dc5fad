#!/bin/sh
# The image's entrypoint: `web` (the default), `worker`, `demo`, `serve`, `upgrade`, `manage ...`; another command is run
# as it stands. `web` waits for the database and migrates it first; of many that begin at once, one does. `healthy` is the
# image's health check: a server here that answers, or else a worker that moves.
set -eu
cd "$(dirname "$0")/.."
command="${1:-web}"
[ $# = 0 ] || shift
case "$command" in
    web | serve) exec python -m dashboard "$command" --bind "0.0.0.0:${PORT:-8000}" "$@" ;;
    demo) exec python -m dashboard demo --host 0.0.0.0 --port "${PORT:-8000}" "$@" ;;
    healthy)
        python -c "import urllib.request as it; it.urlopen('http://127.0.0.1:${PORT:-8000}/healthz', timeout=2)" 2>/dev/null ||
            exec python -m dashboard worker --alive
        ;;
    worker | upgrade | manage) exec python -m dashboard "$command" "$@" ;;
    *) exec "$command" "$@" ;;
esac
