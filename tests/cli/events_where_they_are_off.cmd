export REGISTRY_ENDPOINT=ipc://$PWD/registry
echo '{}' > registry.json
$ACTORSCTL --config registry.json registry serve --in-memory 2> serve.log &
registry=$!
$ACTORSCTL lookup nobody --wait --timeout 1 > wait.log 2>&1
$ACTORSCTL events
echo "events: exit $?"
$ACTORSCTL events --json
kill $registry; wait $registry
echo "registry: exit $?"
