printf '{\n  "hosts": {,}\n}\n' > registry.json
$ACTORSCTL --config registry.json status
