printf '{"hosts": {"a": {"managers": {"M": {"service": "m@"}}}}}' > registry.json
$ACTORSCTL --config registry.json config check --json
