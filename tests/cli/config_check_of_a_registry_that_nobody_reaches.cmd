cat > registry.json <<END
{"hosts": {"server1": {"ssh": "ops@server1.example", "managers": {"Orders": {"service": "orders"}}}}}
END
$ACTORSCTL --config registry.json config check
cat > registry.json <<END
{
  "registry_endpoint": "tcp://10.0.0.1:5555",
  "registry_connect": ["tcp://localhost:5555", "ipc:///run/registry"],
  "hosts": {"server1": {"ssh": "ops@server1.example", "managers": {"Orders": {"service": "orders"}}}}
}
END
$ACTORSCTL --config registry.json config check
