cat > registry.json <<"END"
{
  "registry_endpoint": "tcp://127.0.0.1:9",
  "hosts": {
    "server1": {"ssh": "ops@server1.example", "managers": {"OrderProcessor": {"service": "order-processor"}}},
    "server2": {"ssh": "ops@server2.example", "managers": {"RiskChecker": {"service": "risk-checker"}}}
  }
}
END
$ACTORSCTL --config registry.json stop --host server3
