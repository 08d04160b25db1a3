$ACTORSCTL registry keygen $PWD/registry > registry.log
$ACTORSCTL registry keygen $PWD/orders > orders.log
cat > registry.json <<END
{"registry_endpoint": "tcp://127.0.0.1:$PORT",
 "security": {"curve": {"endpoints": ["tcp://127.0.0.1:$PORT"], "key_file": "$PWD/registry.key_secret",
                        "clients_file": "$PWD/clients.json"},
              "client": {"server_key": "$PWD/registry.key", "key_file": "$PWD/orders.key_secret"}}}
END
export REGISTRY_CONFIG=$PWD/registry.json
$ACTORSCTL registry trust orders orders.key --register 'Order*' --manager Orders > trust.log
$ACTORSCTL registry serve --in-memory 2> serve.log &
registry=$!
$ACTORSCTL actors --timeout 20 > /dev/null
run="$ACTORSCTL run --timeout 20"
asking='env | grep -E "^(REGISTRY_|MANAGER_)" | sort; exec "$0" lookup "$1"'
echo "Keys of the configuration, which the program is told of, wherever it looks:"
$run --manager Orders --actor Orders=tcp://127.0.0.1:7001 -- sh -c "unset REGISTRY_CONFIG; $asking" $ACTORSCTL Orders
echo "exit $?"
echo "Keys of the environment:"
REGISTRY_ENDPOINT=tcp://127.0.0.1:$PORT REGISTRY_SERVER_KEY=$PWD/registry.key REGISTRY_KEY_FILE=$PWD/orders.key_secret \
  $run --manager Orders --actor Orders=tcp://127.0.0.1:7002 -- sh -c "unset REGISTRY_CONFIG; $asking" $ACTORSCTL Orders
echo "exit $?"
$run --manager Orders --actor Risk=tcp://127.0.0.1:7003 --json -- echo never
echo "a name that is not permitted: exit $?"
$run --manager Risk --actor Orders=tcp://127.0.0.1:7003 -- echo never
echo "a manager that is not permitted: exit $?"
REGISTRY_SERVER_KEY=$PWD/registry.key $run --manager Orders --actor Orders=tcp://127.0.0.1:7004 -- echo never
echo "a key that is not trusted: exit $?"
REGISTRY_SERVER_KEY=$PWD/orders.key $ACTORSCTL run --timeout 5 --manager Orders --actor Orders=tcp://127.0.0.1:7004 -- echo never
echo "another key of the registry's: exit $?"
without="$ACTORSCTL --registry tcp://127.0.0.1:$PORT run --timeout 3 --manager Orders --actor Orders=tcp://127.0.0.1:7004"
$without -- echo "without keys it runs all the same" 2> run.log
echo "and is not registered: exit $?"
grep -cE 'one side is without CURVE.*; the program runs all the same' run.log
kill $registry; wait $registry
