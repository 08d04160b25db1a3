#!/bin/sh
# The installer: scripts/install.sh, which says what it takes.
exec "$(dirname "$0")/../scripts/install.sh" "$@"
