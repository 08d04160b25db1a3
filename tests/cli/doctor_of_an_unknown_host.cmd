echo '{"hosts": {"server1": {"ssh": "ops@server1.example"}}}' > registry.json
$ACTORSCTL --config registry.json doctor 'client*'
