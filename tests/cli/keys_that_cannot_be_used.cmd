export REGISTRY_ENDPOINT=tcp://127.0.0.1:9
REGISTRY_SERVER_KEY=nonsense $ACTORSCTL lookup OrderProcessor
echo "exit $?"
REGISTRY_KEY_FILE=/etc/actors/me.key_secret $ACTORSCTL actors --json
echo "exit $?"
touch me.key_secret
chmod 640 me.key_secret
REGISTRY_SERVER_KEY='rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7' REGISTRY_KEY_FILE=me.key_secret $ACTORSCTL run --manager M -- true
