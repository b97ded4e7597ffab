def optimisers(source):
    return iter(())
