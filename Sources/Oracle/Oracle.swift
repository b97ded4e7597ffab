// Oracle: see docs.
