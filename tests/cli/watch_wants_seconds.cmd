cat > registry.json <<"END"
{"registry_endpoint": "tcp://127.0.0.1:9", "hosts": {"server1": {"ssh": "ops@127.0.0.1:9", "managers": {"Orders": {"service": "orders"}}}}}
END
$ACTORSCTL --config registry.json status --watch=often; echo "exit $?"
$ACTORSCTL --config registry.json status --watch=0; echo "exit $?"
$ACTORSCTL --config registry.json status --watch 5; echo "exit $?"
$ACTORSCTL --config registry.json status 5; echo "exit $?"
$ACTORSCTL --timeout 0.2 --config registry.json status --watch Orders 2>/dev/null | head -n 2
