#!/bin/sh
# How the system is: the registry, then each manager as systemd has it and as the registry hears it. Its exit status is that of
# `actorsctl status`: 0 where everything is healthy or starting.
#
#   status_system.sh [STATUS OPTION OR MANAGER]...
set -eu
export REGISTRY_CONFIG="${REGISTRY_CONFIG:-/etc/actors/registry.json}"

actorsctl registry status || true # what is wrong with it, the next says too
exec actorsctl status "$@"
