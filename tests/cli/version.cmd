$ACTORSCTL --version
