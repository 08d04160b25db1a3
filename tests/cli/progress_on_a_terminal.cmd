# A host that takes connections and never speaks.
python3 -c "
import socket, time
silent = socket.create_server(('127.0.0.1', $PORT))
time.sleep(60)" &
silent=$!
cat > registry.json <<END
{
  "registry_endpoint": "ipc://$PWD/registry",
  "hosts": {
    "quiet": {
      "ssh": "root@127.0.0.1:$PORT", "connect_timeout_s": 1.5, "known_hosts": "$PWD/none",
      "managers": {"Orders": {"service": "orders.service"}, "Risks": {"service": "risks.service"}}
    }
  }
}
END
ctl="$ACTORSCTL --config registry.json"
until (exec 3<> /dev/tcp/127.0.0.1/$PORT) 2> /dev/null; do sleep 0.05; done
terminal="python3 $CASES/on_a_terminal.py"
echo "- hosts"
$terminal --columns 120 $ctl hosts | sed 's/ \+/ /g; s/port [0-9]*/port N/g'
echo "- start, on a narrow one"
$terminal --columns 50 $ctl start --all --no-wait | sed 's/[0-9.]* s /N s /; s/port [0-9]*/port N/g'
echo "- doctor"
$terminal --columns 400 $ctl --timeout 0.2 doctor | sed 's/ \+/ /g; s/port [0-9]*/port N/g; s/:[0-9]*; keys/:N; keys/'
echo "- JSON into a file, standard error on a terminal"
$terminal --columns 120 --stdout out.json $ctl hosts --json | sed 's/port [0-9]*/port N/g'
python3 -c 'import json; print(json.load(open("out.json"))["hosts"][0]["reachable"])'
echo "- without colours there are none, and no escape sequence"
NO_COLOR=1 $terminal --columns 120 $ctl --color never hosts | sed 's/ \+/ /g; s/port [0-9]*/port N/g'
echo "- a terminal whose cursor can't go back"
$terminal --term dumb --columns 120 $ctl hosts | sed 's/ \+/ /g; s/port [0-9]*/port N/g'
echo "- a pipe"
$ctl hosts 2>&1 | sed 's/ \+/ /g; s/port [0-9]*/port N/g'
kill $silent
