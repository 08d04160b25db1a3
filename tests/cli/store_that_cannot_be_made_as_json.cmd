$ACTORSCTL registry serve --json --endpoint ipc://$PWD/registry --data-dir $PWD/no/such
