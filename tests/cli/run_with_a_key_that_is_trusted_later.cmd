$ACTORSCTL registry keygen $PWD/registry > registry.log
$ACTORSCTL registry keygen $PWD/orders > orders.log
cat > registry.json <<END
{"registry_endpoint": "tcp://127.0.0.1:$PORT",
 "security": {"curve": {"endpoints": ["tcp://127.0.0.1:$PORT"], "key_file": "$PWD/registry.key_secret",
                        "clients_file": "$PWD/clients.json"},
              "client": {"server_key": "$PWD/registry.key", "key_file": "$PWD/orders.key_secret"}}}
END
export REGISTRY_CONFIG=$PWD/registry.json
mkfifo go
touch run.log
run="$ACTORSCTL run --timeout 2 --manager Orders --actor orders=tcp://127.0.0.1:7001"
$run -- sh -c 'read -r word < go; exec $0 lookup orders' $ACTORSCTL 2> run.log &
run=$!
until grep -q "no answer" run.log; do sleep 0.05; done
$ACTORSCTL registry serve --in-memory 2> serve.log &
registry=$!
until grep -q "key not accepted: .*; the program runs" run.log; do sleep 0.05; done
$ACTORSCTL registry trust orders orders.key > trust.log
until grep -q "answers again; actors" run.log; do sleep 0.05; done
echo word > go
wait $run
echo "exit $?"
# What heartbeats say comes in between, and a machine that is slow lets a try time out once more.
grep -v "run: Orders: " run.log | awk '!said[$0]++' >&2
kill $registry; wait $registry
