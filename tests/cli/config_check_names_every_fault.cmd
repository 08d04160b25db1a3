cat > registry.json <<'END'
{
  "registry_endpont": "tcp://0.0.0.0:5555",
  "heartbeat_timeout_s": "six",
  "hosts": {
    "server1": {
      "ssh": "ops@server1.example",
      "managers": {
        "OrderProcessor": {"service": "x; touch /tmp/pwned"},
        "RiskChecker": {"service": "risk-checker", "after": ["Nobody"]}
      }
    }
  }
}
END
$ACTORSCTL --config registry.json config check
