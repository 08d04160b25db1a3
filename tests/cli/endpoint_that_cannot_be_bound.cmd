$ACTORSCTL registry serve --in-memory --endpoint tcp://192.0.2.1:5555
