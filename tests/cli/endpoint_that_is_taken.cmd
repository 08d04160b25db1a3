$ACTORSCTL registry serve --in-memory --endpoint tcp://127.0.0.1:$PORT 2> serve.log &
registry=$!
until grep -qs serves serve.log; do sleep 0.05; done
$ACTORSCTL registry serve --in-memory --endpoint tcp://127.0.0.1:$PORT; echo "exit $?"
cat > registry.json <<END
{"registry_endpoint": "tcp://127.0.0.1:$PORT"}
END
$ACTORSCTL --config registry.json registry serve --in-memory; echo "exit $?"
cat > registry.json <<END
{"registry_endpoint": "ipc://$PWD/registry", "events_endpoint": "tcp://127.0.0.1:$PORT"}
END
$ACTORSCTL --config registry.json registry serve --in-memory; echo "exit $?"
cat > registry.json <<END
{"registry_endpoint": "ipc://$PWD/registry", "metrics_endpoint": "127.0.0.1:$PORT"}
END
$ACTORSCTL --config registry.json registry serve --in-memory; echo "exit $?"
kill $registry; wait $registry
