cat > registry.json <<'END'
{
  "registry_endpoint": "tcp://127.0.0.1:5555",
  "defaults": {"privilege": "sudo"},
  "hosts": {"server.1": {"ssh": "ops@server1", "managers": {"Orders": {"service": "orders"}}}}
}
END
$ACTORSCTL --config registry.json config show --json | tee shown.json
REGISTRY_CONFIG=registry.json REGISTRY_ENDPOINT=tcp://c:1 $ACTORSCTL config show --json |
  python3 -c 'import json, sys; shown = json.load(sys.stdin); print(shown["config"], shown["registry"], shown["settings"]["registry_endpoint"])'
