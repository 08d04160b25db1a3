cat > registry.json <<"END"
{
  "registry_endpoint": "tcp://127.0.0.1:9",
  "hosts": {
    "server1": {"ssh": "ops@server1.example", "managers": {
      "MarketData": {"service": "market-data"},
      "OrderProcessor": {"service": "order-processor", "after": ["MarketData", "RiskChecker"]}}},
    "server2": {"ssh": "ops@server2.example", "managers": {"RiskChecker": {"service": "risk-checker"}}},
    "here": {"managers": {"Archive": {"service": "archive", "heartbeats": false}}}
  }
}
END
$ACTORSCTL --config registry.json restart --all --rolling=some; echo "exit $?"
$ACTORSCTL --config registry.json restart --all --rolling --no-wait; echo "exit $?"
$ACTORSCTL --config registry.json restart --rolling 2 Archive; echo "exit $?"
$ACTORSCTL --config registry.json restart --all --max-offline 1; echo "exit $?"
$ACTORSCTL --config registry.json start --all --on-error perhaps; echo "exit $?"
$ACTORSCTL --config registry.json restart --rolling
