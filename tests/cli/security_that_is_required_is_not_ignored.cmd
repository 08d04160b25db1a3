try() {
  echo "\$ actorsctl $*"
  $ACTORSCTL "$@" 2>&1
  echo "exit $?"
}
echo '{"registry_endpoint": "tcp://0.0.0.0:5555", "security": {"require": true}}' > registry.json
try --config registry.json config check
try --config registry.json registry serve --in-memory
try --config registry.json config check --json
echo '{"security": {"require": true}}' > registry.json
try --config registry.json config check
try --config registry.json registry serve --in-memory --endpoint tcp://0.0.0.0:$PORT
