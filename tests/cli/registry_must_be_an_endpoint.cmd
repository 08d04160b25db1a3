$ACTORSCTL lookup X --registry localhost:5555
