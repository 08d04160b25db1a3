$ACTORSCTL --help
