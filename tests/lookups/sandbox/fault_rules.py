"""Rules for faults, about items of batches or about whole requests."""


def item(action: dict, **match: object) -> dict:
    """A rule about items of batches."""
    return {"match": {"item": True, **match}, "action": action}


def whole(action: dict, **match: object) -> dict:
    """A rule about whole requests."""
    return {"match": {"item": False, **match}, "action": action}
