export REGISTRY_ENDPOINT=ipc://$PWD/registry
echo '{}' > registry.json
$ACTORSCTL --config registry.json registry serve --in-memory 2> serve.log &
registry=$!
try() {
  echo "\$ actorsctl $*"
  $ACTORSCTL "$@" 2>&1
  echo "exit $?"
}
$ACTORSCTL actors --timeout 20 > /dev/null
try register OrderProcessor tcp://10.0.0.9:5556 --manager Orders
try register OrderProcessor tcp://10.0.0.9:5556 --manager Others
try register OrderProcessor nowhere --manager Orders
try lookup OrderProcessor
try register OrderRouter tcp://10.0.0.9:5557 --manager Orders --json
try unregister OrderProcessor --manager Others
try unregister OrderProcessor --manager Orders
try unregister OrderProcessor
try unregister OrderRouter --json
try register OrderRouter tcp://10.0.0.9:5557 --manager Orders -v
try unregister --manager Orders
try lookup OrderRouter
try unregister --manager Orders --forget --json
try lookup OrderRouter
try unregister --manager Orders
try unregister
try unregister OrderRouter --forget
kill $registry; wait $registry
