printf '{"security": {"require": true}}' > registry.json
$ACTORSCTL --config registry.json registry serve --endpoint ipc://$PWD/registry
