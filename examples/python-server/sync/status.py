"""The status of a user (spec/status.md)."""
from rules.instants import instant_text


def status(app, user):
    with app.store.reading() as connection:
        query = "SELECT head, last_write FROM users WHERE user=?"
        head, last_write = connection.execute(query, (user,)).fetchone() or (0, None)
        live = "SELECT count(*) FROM entities WHERE user=? AND deleted=0"
        entities = connection.execute(live, (user,)).fetchone()[0]
        devices = app.devices.count(connection, user)
    return {
        "lastSyncTime": None if last_write is None else instant_text(last_write),
        "syncToken": app.cursors.at_head(user, head),
        "pendingChanges": 0,
        "deviceCount": devices,
        "entityCount": entities,
        "epoch": app.store.epoch,
    }
