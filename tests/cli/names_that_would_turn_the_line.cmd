# A name may hold what turns the text after it; tables and lines show it, and JSON has it as it is.
$ACTORSCTL registry serve --in-memory --endpoint ipc://$PWD/registry 2> serve.log &
registry=$!
export REGISTRY_ENDPOINT=ipc://$PWD/registry
name=$(printf 'Order\342\200\256rossecor\342\200\254P')
$ACTORSCTL register "$name" tcp://127.0.0.1:7001 --manager "$(printf '\342\201\246Orders')" --timeout 10
$ACTORSCTL actors
$ACTORSCTL managers | tr -s ' ' | cut -d ' ' -f 1-2
$ACTORSCTL actors --json | grep -c "\"actor_name\": \"$name\""
$ACTORSCTL lookup "$(printf 'a\302\2332Jb')"
echo "lookup: exit $?"
$ACTORSCTL unregister --manager "$(printf '\342\201\246Orders')"
kill $registry; wait $registry
grep -o "manager '.*" serve.log
exit 0
