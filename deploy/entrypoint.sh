#!/bin/sh
# The image's entrypoint: `web` (the default), `worker`, `demo`, `serve`, `upgrade`, `manage ...`; another command is run
# as it stands. `web` waits for the database and migrates it first; of many that begin at once, one does.
set -eu
cd "$(dirname "$0")/.."
command="${1:-web}"
[ $# = 0 ] || shift
case "$command" in
    web | serve) exec python -m dashboard "$command" --bind "0.0.0.0:${PORT:-8000}" "$@" ;;
    demo) exec python -m dashboard demo --host 0.0.0.0 --port "${PORT:-8000}" "$@" ;;
    worker | upgrade | manage) exec python -m dashboard "$command" "$@" ;;
    *) exec "$command" "$@" ;;
esac
