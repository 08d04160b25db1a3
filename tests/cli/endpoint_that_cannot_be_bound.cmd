$ACTORSCTL registry serve --endpoint tcp://192.0.2.1:5555
