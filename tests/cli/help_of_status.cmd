$ACTORSCTL status --help
