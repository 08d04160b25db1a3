$ACTORSCTL lookup OrderProcessor --json --registry tcp://127.0.0.1:9 --timeout 0.2
