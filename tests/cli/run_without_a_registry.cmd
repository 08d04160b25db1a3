$ACTORSCTL --registry tcp://127.0.0.1:$PORT --timeout 0.2 run --manager Orders --actor orders=tcp://127.0.0.1:7001 -- echo "it runs all the same"
