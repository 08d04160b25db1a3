# Where an installation puts the schema is the build's matter.
steady() { sed 's|file:///.*/actorsctl/|file:///SHARE/actorsctl/|'; }
echo "- for several hosts"
$ACTORSCTL config init --registry tcp://registry.example:5000 --manager server1/Orders=orders.service \
  --manager server1/Risk=risk@main --manager local/Archive=archive --ssh server1=ops@server1.example:2222 \
  --ssh server2=ops@server2.example registry.json
steady < registry.json
$ACTORSCTL --config registry.json config check
echo "- for this machine alone"
$ACTORSCTL config init --manager local/Orders=orders one.json --json
steady < one.json | grep -v '^ *//'
$ACTORSCTL --config one.json config check
echo "- the file that --config names"
$ACTORSCTL --config two.json config init --registry 'tcp://[2001:db8::1]:5555'
grep '^  "registry' two.json
echo "- nothing is replaced"
$ACTORSCTL config init --registry tcp://other:1 two.json
echo "exit $?"
$ACTORSCTL config init --registry tcp://other:1 two.json --json
echo "exit $?"
grep '^  "registry' two.json
echo "- unless that is said: the mode stays, and so does a link"
chmod 640 two.json
ln -s two.json link.json
$ACTORSCTL config init --registry tcp://other:1 link.json --force
grep '^  "registry' two.json
stat -c '%a %F' two.json link.json
ls
