cat > registry.json <<"END"
{
  "registry_connect": "tcp://registry.example:5555",
  "hosts": {"here": {"managers": {
    "Golden": {"service": "actorsctl-golden-test", "exec": ["/opt/golden", "--rate", "5%", "$HOME", ""], "user": "golden",
               "environment": {"MODE": "a \"b\""}, "resources": {"memory_max": "64M"}},
    "Other's": {"service": "actorsctl-golden-other"}}}}
}
END
$ACTORSCTL --config registry.json deploy --all --dry-run
$ACTORSCTL --config registry.json deploy Golden --dry-run --json | sed 's/"diff": ".*"/"diff": "..."/'
$ACTORSCTL --config registry.json deploy Golden --dry-run --enable | grep -A9 ^HOST
$ACTORSCTL --config registry.json deploy Golden --dry-run --enable --json | sed 's/"diff": ".*"/"diff": "..."/'
