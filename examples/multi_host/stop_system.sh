#!/bin/sh
# Stops every manager, in the reverse of its order, announced to the registry. The registry itself goes on: who asks it then learns that
# the silence was planned.
#
#   stop_system.sh [STOP OPTION]...         --dry-run: say what would be stopped where
set -eu
export REGISTRY_CONFIG="${REGISTRY_CONFIG:-/etc/actors/registry.json}"

exec actorsctl stop --all "$@"
