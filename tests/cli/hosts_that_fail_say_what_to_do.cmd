cat > ssh <<END
#!/bin/sh
echo user me
for host; do :; done
[ \$host != awry ] || echo knownhostscommand /bin/x
[ \$host != jumpy ] || echo proxyjump me@127.0.0.1:1
[ \$host != broken ] || { echo "config line 3: bad" >&2; exit 255; }
[ \$host != 127.0.0.1 ] || echo port 1
END
chmod 755 ssh
PATH=$PWD:$PATH
cat > registry.json <<END
{
  "registry_endpoint": "tcp://127.0.0.1:9",
  "hosts": {
    "closed": {"ssh": "me@127.0.0.1:1", "identity_file": "/keys/my key",
               "managers": {"One": {"service": "one"}}},
    "awry": {"ssh": "awry", "managers": {"Two": {"service": "two"}}},
    "jumpy": {"ssh": "jumpy"},
    "broken": {"ssh": "broken"}
  }
}
END
$ACTORSCTL --config registry.json hosts
$ACTORSCTL --config registry.json hosts --json 2>/dev/null
$ACTORSCTL --config registry.json status closed/One awry/Two --json 2>/dev/null | sed -n '/"error"/,/}/p'
$ACTORSCTL --config registry.json start --host closed --json 2>/dev/null | sed '/took_s/d'
$ACTORSCTL --config registry.json hosts trust closed jumpy awry
$ACTORSCTL --config registry.json hosts trust closed jumpy --json 2>/dev/null
