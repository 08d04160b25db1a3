try() {
  $ACTORSCTL config init registry.json "$@"
  echo "exit $?"
}
try
try --force
try --manager Orders=orders
try --manager server1/Orders
try --manager 'server1/Orders=orders; reboot'
try --manager server1/Orders=orders --manager server2/Orders=orders
try --manager server1/Orders=orders --manager server1/Risk=orders
try --manager 'server1/Or*=orders'
try --ssh server1
try --ssh server1=-oProxyCommand=reboot
try --registry registry.example
try --registry 'tcp://*:5555'
$ACTORSCTL config init --json nowhere/registry.json --registry tcp://r:1
echo "exit $?"
ls
