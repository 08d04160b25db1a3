echo '{"registry_connect": "tcp://127.0.0.1:'$PORT'", "hosts": {}}' > registry.json
$ACTORSCTL registry serve --in-memory --endpoint tcp://127.0.0.1:$PORT 2>/dev/null &
$ACTORSCTL --config registry.json doctor --timeout 20
$ACTORSCTL --config registry.json doctor --timeout 20 --json
kill $!
