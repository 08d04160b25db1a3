echo '{"hosts": {"h": {"ssh": "u@127.0.0.1", "managers": {"M": {"service": "m", "exec": "/bin/m"}}}}}' > registry.json
$ACTORSCTL --config registry.json deploy M --dry-run
