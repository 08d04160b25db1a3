$ACTORSCTL lookup X --timeout soon
