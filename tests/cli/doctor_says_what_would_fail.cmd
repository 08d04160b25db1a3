steady="s/port $PORT:/port PORT:/; s/: Name or service not known\|: Temporary failure in name resolution/: REASON/"
ssh-keygen -q -t ed25519 -N "" -f key
cat > registry.json <<END
{
  "registry_endpoint": "tcp://*:$PORT",
  "hosts": {
    "closed": {"ssh": "ops@127.0.0.1:$PORT", "identity_file": "$PWD/key", "known_hosts": "/dev/null", "managers": {
      "RiskChecker": {"service": "risk-checker"}}},
    "nowhere": {"ssh": "ops@server1.invalid", "identity_file": "$PWD/key", "known_hosts": "/dev/null"}
  }
}
END
$ACTORSCTL --config registry.json --timeout 0.2 doctor | sed "$steady"
$ACTORSCTL --config registry.json --timeout 0.2 doctor closed --json | sed "$steady"
exit ${PIPESTATUS[0]}
