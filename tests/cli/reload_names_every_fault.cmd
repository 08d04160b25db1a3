serve() {
  echo '{"heartbeat_timeout_s": 5}' > registry.json
  exec $ACTORSCTL --config registry.json registry serve --in-memory --endpoint ipc://$PWD/registry
}
said() { until grep -qs "$1" serve.log; do sleep 0.02; done }
serve 2> serve.log &
said 'registry serves'
printf '{"heartbeat_timeout_s": -1,\n "limts": {}}' > registry.json
kill -HUP $!
said limts
echo '{"heartbeat_timeout_s": 4, "limits": {"names": 7, "peer_queue": 1000}}' > registry.json
kill -HUP $!
said limits.names
echo '{"heartbeat_timeout_s": 4, "limits": {"names": 7, "peer_queue": 20}, "data_dir": "/x"}' > registry.json
kill -HUP $!
said peer_queue
kill $!
wait $!
cat serve.log
