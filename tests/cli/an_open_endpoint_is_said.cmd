echo "{\"registry_endpoint\": \"tcp://0.0.0.0:$PORT\"}" > registry.json
$ACTORSCTL --config registry.json registry serve --in-memory 2> serve.log &
registry=$!
export REGISTRY_ENDPOINT=tcp://127.0.0.1:$PORT
$ACTORSCTL actors --timeout 20 > /dev/null
$ACTORSCTL registry status | grep WARNING
$ACTORSCTL registry status --json | grep -A1 warnings
kill $registry; wait $registry
cat serve.log
unset REGISTRY_ENDPOINT
$ACTORSCTL --config registry.json config check
