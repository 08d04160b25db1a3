printf '{"settle": 3}' > registry.json
$ACTORSCTL --config registry.json config show
echo "exit $?"
$ACTORSCTL --config registry.json config show --json
echo "exit $?"
$ACTORSCTL --config nowhere.json config show
