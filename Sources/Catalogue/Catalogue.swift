// Catalogue: see docs.
