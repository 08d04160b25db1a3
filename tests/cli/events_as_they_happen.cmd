export REGISTRY_ENDPOINT=ipc://$PWD/registry
echo '{"events_endpoint": "ipc://'$PWD'/events"}' > registry.json
$ACTORSCTL --config registry.json registry serve --in-memory 2> serve.log &
registry=$!
$ACTORSCTL actors --timeout 20 > /dev/null
$ACTORSCTL events -v > all 2> all.err &
all=$!
$ACTORSCTL events --json -v 'Order?o*' > some 2> some.err &
some=$!
# When both follow, what happens is not missed.
until grep -qs following all.err && grep -qs following some.err; do sleep 0.05; done
$ACTORSCTL register OrderProcessor tcp://10.0.0.9:5556 --manager Orders
$ACTORSCTL register OrderRouter tcp://10.0.0.9:5557 --manager Orders
$ACTORSCTL register OrderRouter tcp://10.0.0.9:5558 --manager Orders
$ACTORSCTL unregister --manager Orders
$ACTORSCTL register OrderRouter tcp://10.0.0.8:5558 --manager Others
$ACTORSCTL unregister OrderRouter
until grep -qs unregistered all && grep -qs unregistered some; do sleep 0.05; done
kill $all; wait $all
echo "after TERM: exit $?"
kill -INT $some; wait $some
echo "after INT: exit $?"
sed -E 's/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/' all
sed -E 's/"time":"[0-9T:.-]+Z"/"time":"TIME"/; s/"(run|epoch)":"[0-9a-f]+"/"\1":"HEX"/g; s/"seq":[0-9]+/"seq":N/' some
cat all.err some.err
# A reader that has enough ends it, without a word and without another event.
mkfifo pipe
$ACTORSCTL events -v > pipe 2> closed.err &
closed=$!
exec 3< pipe
until grep -qs following closed.err; do sleep 0.05; done
exec 3<&-
wait $closed
echo "after a closed pipe: exit $?"
kill $registry; wait $registry
echo "registry: exit $?"
