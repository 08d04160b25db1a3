$ACTORSCTL lookup -- OrderProcessor
