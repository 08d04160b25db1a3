echo '{"registry_connect": "tcp://127.0.0.1:'$PORT'", "hosts": {"h": {"ssh": "u@127.0.0.1", "managers": {"M": {"service": "m", "exec": "/bin/m"}}}}}' > registry.json
$ACTORSCTL --config registry.json deploy M
$ACTORSCTL --config registry.json deploy M --json
$ACTORSCTL --config registry.json deploy --dry-run
$ACTORSCTL --config registry.json deploy Nobody --dry-run
$ACTORSCTL --config registry.json deploy M --yes --as '-oProxyCommand=x'
$ACTORSCTL --config registry.json deploy M --yes --as ''
