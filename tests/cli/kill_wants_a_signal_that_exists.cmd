cat > registry.json <<"END"
{"hosts": {"server1": {"ssh": "ops@server1.example", "managers": {"OrderProcessor": {"service": "order-processor"}}}}}
END
$ACTORSCTL --config registry.json kill -s HUPP OrderProcessor; echo "exit $?"
$ACTORSCTL --config registry.json kill -s 'HUP; reboot' OrderProcessor; echo "exit $?"
$ACTORSCTL --config registry.json kill; echo "exit $?"
$ACTORSCTL --config registry.json kill -s usr1 OrderProcessor --dry-run
