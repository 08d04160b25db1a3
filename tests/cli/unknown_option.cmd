$ACTORSCTL lookup OrderProcessor --colour
