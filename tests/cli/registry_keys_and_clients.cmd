# Keys differ from run to run.
keyless() { sed -E 's/^[0-9A-Za-z]\S{39}$/KEY/; s/(with |revoked, |key": "|trust risk )\S{40}/\1KEY/'; }
try() {
  echo "\$ actorsctl $*" | keyless
  $ACTORSCTL --config registry.json "$@" 2>&1 | keyless
  echo "exit ${PIPESTATUS[0]}"
}
echo '{}' > registry.json
try registry keygen orders
stat -c '%a %n' orders.key orders.key_secret
try registry keygen orders
try registry keygen risk --name RiskChecker --json
grep 'name =' risk.key
try registry trust orders orders.key
cat > registry.json <<END
{"registry_endpoint": "tcp://127.0.0.1:$PORT",
 "security": {"curve": {"endpoints": ["tcp://127.0.0.1:$PORT"], "key_file": "$PWD/registry.key_secret",
                        "clients_file": "$PWD/clients.json"}}}
END
try registry trust orders orders.key --register 'Order*' --register Router --manager OrderProcessor
risk=$(grep -o 'public-key = ".*"' risk.key | cut -d'"' -f2)
try registry trust risk "$risk" --read-only --json
try registry trust other orders.key
try registry trust orders risk.key
try registry trust orders nothing.key
try registry trust 'a*' orders.key
keyless < clients.json
try registry revoke risk
try registry revoke risk
try registry keygen other
try registry trust orders other.key --replace
keyless < clients.json
try registry serve --in-memory
try registry keygen registry
chmod 640 registry.key_secret
try registry serve --in-memory
