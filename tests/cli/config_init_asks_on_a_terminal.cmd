terminal="python3 $CASES/on_a_terminal.py --columns 200"
echo "- all answered, some twice"
$terminal --answer registry.example:70000 --answer registry.example \
  --answer 'a/b' --answer server1 --answer 'ops@' --answer ops@server1 --answer Orders --answer Orders=orders.service \
  --answer 'Risk=risk socket' --answer Risk=orders.service --answer Risk=risk --answer '' \
  --answer server1 --answer here --answer local --answer Risk=risk2 --answer '' --answer '' \
  $ACTORSCTL config init registry.json
grep -v '^ *//' registry.json | grep -v schema
echo "- nothing answered"
$terminal --answer '' --answer '' $ACTORSCTL config init empty.json
$ACTORSCTL --config empty.json config check
echo "- a host that is reached by its name"
$terminal --answer '' --answer server1 --answer '' --answer '' --answer '' $ACTORSCTL config init named.json
$ACTORSCTL --config named.json config show | grep ssh
echo "- the input ends"
$terminal --answer '' --answer server1 --answer $'\x04' $ACTORSCTL config init none.json
echo "exit $?"
echo "- there is a file: nothing is asked"
$terminal $ACTORSCTL config init empty.json
echo "exit $?"
echo "- JSON into a file, the questions on standard error"
$terminal --stdout out.json --answer r --answer '' $ACTORSCTL config init --json json.json
cat out.json
ls
