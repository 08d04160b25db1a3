$ACTORSCTL registry serve --endpoint ipc://$PWD/registry --data-dir ''
