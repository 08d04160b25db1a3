#!/bin/sh
# Brings the whole system up: installs the units that have changed in the configuration, has them started at boot too, starts what does
# not run, in its order, and shows how it is. Done when every manager is up and the registry has heard it. Run twice it changes nothing.
#
#   start_system.sh [DEPLOY OPTION]...      --yes: do not ask before units are installed
set -eu
export REGISTRY_CONFIG="${REGISTRY_CONFIG:-/etc/actors/registry.json}"

actorsctl config check
actorsctl deploy --all --enable "$@"
actorsctl start --all
exec actorsctl status
