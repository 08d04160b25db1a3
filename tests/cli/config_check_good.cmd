cat > registry.json <<'END'
{
  // what the documentation shows
  "registry_endpoint": "tcp://0.0.0.0:5555",
  "registry_connect": "tcp://registry.example:5555",
  "hosts": {
    "server1": {"ssh": "ops@server1.example", "managers": {"OrderProcessor": {"service": "order-processor"}}},
    "server2": {"ssh": "ops@server2.example:2222", "managers": {"RiskChecker": {"service": "risk-checker.service"}}}
  }
}
END
$ACTORSCTL --config registry.json config check
$ACTORSCTL --config registry.json config check --json
