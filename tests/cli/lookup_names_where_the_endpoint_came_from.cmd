REGISTRY_ENDPOINT=tcp://127.0.0.1:9 $ACTORSCTL lookup OrderProcessor --timeout 0.2
