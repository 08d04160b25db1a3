cat > registry.json <<'END'
{
  "registry_endpoint": "tcp://0.0.0.0:5555", "registry_connect": ["tcp://a:5555", "tcp://b:5555"],
  "metrics_endpoint": "9090",
  "limits": {"names": 1000},
  "defaults": {"ssh": "ops@gate", "connect_timeout_s": 2.5},
  "hosts": {
    "server1": {
      "identity_file": "~/.ssh/id_actors",
      "connect_timeout_s": 5,
      "managers": {
        "Orders": {"service": "orders", "after": ["Archive"], "restart_on_timeout": {"per_hour": 3}},
        "Archive": {
          "service": "archive", "description": "what was", "heartbeats": false,
          "exec": ["/usr/bin/archive", "--to", "/srv/a b"], "environment": {"TOKEN": "never shown"}, "resources": {"memory_max": "512M"}
        }
      }
    },
    "here": {"ssh": "local"}
  }
}
END
echo "- a file"
$ACTORSCTL --config registry.json config show
echo "- the environment says where"
REGISTRY_CONFIG=$PWD/registry.json REGISTRY_ENDPOINT=tcp://c:1 $ACTORSCTL config show | head -n 5
echo "- an option says where"
REGISTRY_CONFIG=$PWD/registry.json REGISTRY_ENDPOINT=tcp://c:1 $ACTORSCTL config show --registry tcp://d:2 | head -n 5
