$ACTORSCTL strat OrderProcessor
