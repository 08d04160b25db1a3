cat > registry.json <<END
{
  "registry_connect": "tcp://127.0.0.1:$PORT",
  "hosts": {"gone": {"ssh": "u@127.0.0.1:$PORT", "managers": {"M": {"service": "m", "exec": "/bin/m"}}}}
}
END
set -o pipefail
$ACTORSCTL --config registry.json deploy M --yes 2>&1 | sed "s/port $PORT/port .../"
echo "exit $?"
$ACTORSCTL --config registry.json deploy M --dry-run --as root --json 2>/dev/null | sed "s/port $PORT/port .../"
