$ACTORSCTL registry serve --in-memory --endpoint ipc://$PWD/registry 2> serve.log &
registry=$!
export REGISTRY_ENDPOINT=ipc://$PWD/registry
$ACTORSCTL actors --timeout 20 > /dev/null
run="$ACTORSCTL run --timeout 20 --manager Orders"
$run --actor orders=tcp://127.0.0.1:7001 -- sh -c 'echo "$MANAGER_ID with $# arguments: $2"; exit 7' sh -- "an argument"
echo "exit $?"
$run -- sh -c 'kill -TERM $$'
echo "killed by TERM: exit $?"
$run -- no-such-program
echo "no such program: exit $?"
$run -- $PWD
echo "a folder: exit $?"
$ACTORSCTL register taken tcp://127.0.0.1:7002 --manager Others
$run --actor free=tcp://127.0.0.1:7003 --actor taken=tcp://127.0.0.1:7001 -- echo never
echo "a name that is taken: exit $?"
$run --actor taken=tcp://127.0.0.1:7001 --json -- echo never
echo "the same as JSON: exit $?"
$run --json -- no-such-program
echo "no such program, as JSON: exit $?"
$ACTORSCTL lookup free
echo "the other name is offline with it: exit $?"
kill $registry; wait $registry
echo "registry: exit $?"
