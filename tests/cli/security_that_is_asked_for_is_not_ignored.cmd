printf '{"security": {"require": true}}' > registry.json
$ACTORSCTL --config registry.json registry serve --in-memory --endpoint ipc://$PWD/registry
