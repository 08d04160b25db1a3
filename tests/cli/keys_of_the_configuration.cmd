$ACTORSCTL registry keygen $PWD/registry > registry.log
$ACTORSCTL registry keygen $PWD/operator > operator.log
cat > registry.json <<END
{"registry_endpoint": "tcp://127.0.0.1:$PORT",
 "security": {"curve": {"endpoints": ["tcp://127.0.0.1:$PORT"], "key_file": "$PWD/registry.key_secret",
                        "clients_file": "$PWD/clients.json"},
              "client": {"server_key": "$PWD/registry.key", "key_file": "$PWD/operator.key_secret"}}}
END
$ACTORSCTL --config registry.json registry trust operator operator.key --register 'Order*' > trust.log
$ACTORSCTL --config registry.json registry serve --in-memory 2> serve.log &
registry=$!
$ACTORSCTL --config registry.json actors --timeout 20 > /dev/null
$ACTORSCTL --config registry.json register Orders tcp://10.0.0.9:5556 --manager M
$ACTORSCTL --config registry.json lookup Orders
$ACTORSCTL --config registry.json register Risk tcp://10.0.0.9:5557 --manager M
echo "exit $?"
kill $registry; wait $registry
