$ACTORSCTL --config nowhere.json status
