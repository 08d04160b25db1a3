# The answer must not go to whatever got the number of a closed standard output.
$ACTORSCTL --version >&-
echo "version: exit $?"
$ACTORSCTL lookup X --registry tcp://127.0.0.1:9 --timeout 0.2 <&- >&- 2>&-
echo "lookup: exit $?"
