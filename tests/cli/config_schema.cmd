cmp <($ACTORSCTL config schema) $CASES/../../config/registry.schema.json && echo the same
$ACTORSCTL config schema | head -n 3
$ACTORSCTL config schema registry.json
