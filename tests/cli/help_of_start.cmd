$ACTORSCTL start --help
