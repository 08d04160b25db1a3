cat > registry.json <<"END"
{"hosts": {"server1": {"ssh": "ops@server1.example", "managers": {"OrderProcessor": {"service": "order-processor"}}}}}
END
$ACTORSCTL --config registry.json logs OrderProcessor --since 'soon; reboot'; echo "exit $?"
$ACTORSCTL --config registry.json logs; echo "exit $?"
$ACTORSCTL --config registry.json logs OrderProcesor; echo "exit $?"
$ACTORSCTL logs --help
