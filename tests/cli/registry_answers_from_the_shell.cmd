$ACTORSCTL registry serve --in-memory --endpoint ipc://$PWD/registry 2> serve.log &
registry=$!
export REGISTRY_ENDPOINT=ipc://$PWD/registry
${ACTORSCTL%/*}/examples/sample_manager/sample_manager --manager Orders --registry $REGISTRY_ENDPOINT --actor OrderProcessor=tcp://127.0.0.1:7001 --actor OrderRouter=tcp://127.0.0.1:7002 2> manager.log &
manager=$!
$ACTORSCTL lookup OrderProcessor --wait --timeout 10
$ACTORSCTL lookup OrderRouter --wait --timeout 10
$ACTORSCTL lookup OrderProcessor --json
$ACTORSCTL actors
$ACTORSCTL actors 'Order?o*' --json
$ACTORSCTL lookup Nobody
echo "lookup of an unknown name: exit $?"
$ACTORSCTL actors Nobody
echo "actors with an unknown name: exit $?"
$ACTORSCTL actors 'No*'
echo "actors with a glob that fits nothing: exit $?"
kill $manager; wait $manager
kill $registry; wait $registry
echo "registry: exit $?"
