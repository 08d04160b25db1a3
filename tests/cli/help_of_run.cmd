$ACTORSCTL run --help
