export REGISTRY_ENDPOINT=ipc://$PWD/registry
echo '{}' > registry.json
$ACTORSCTL --config registry.json registry serve --in-memory 2> serve.log &
registry=$!
$ACTORSCTL actors --timeout 20 > /dev/null
$ACTORSCTL events
echo "events: exit $?"
$ACTORSCTL events --json
kill $registry; wait $registry
echo "registry: exit $?"
