echo '{"hosts": {"server1": {"ssh": "ops@server1.example", "managers": {"A": {"service": "a@.service"}}}}}' > registry.json
$ACTORSCTL --config registry.json doctor
