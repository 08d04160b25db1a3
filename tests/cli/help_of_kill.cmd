$ACTORSCTL kill --help
