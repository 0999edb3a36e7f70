"""Writes by socket: which items a message has, and how its sender is told what became of them."""
from rules.entity_types import COLLECTION_OF, COLLECTIONS, ENTRY, OCCURRENCE, PIECE, PLAN
from rules.instants import parse_instant
from rules.json_schema import pointer
from sync.items import Deletion, Sender
from sync.judging import Judgement
from sync.push import refuse_too_many, result_of

OUTCOME = ("outcome", "meta", "item")


def mutate(connection, message):
    """Judges and applies the items of a message, and tells the others and its sender (RT-012 to RT-016)."""
    app, sender = connection.app, Sender(connection.user, connection.announced)
    things, several = MUTATIONS[message["type"]](message)
    refuse_too_many(things, app.limits, sender)
    timestamp = parse_instant(message.get("timestamp"))
    writes = [app.items.read(*thing, sender, timestamp) for thing in things]
    if not several and writes[0].code:
        _tell_refusal(connection, message, writes[0])
        return
    transaction = app.store.changing()
    with transaction as database:
        verdict = Judgement(database, sender, app.limits["clockSkewMs"]).apply(writes)
        transaction.after.append(lambda: _tell(connection, message, writes, several, verdict.changed))


def _tell(connection, message, writes, several, changed):
    hub = connection.app.hub
    hub.publish(connection.user, changed, connection)
    if not several and writes[0].code:
        _tell_refusal(connection, message, writes[0])
        return
    answer = {"type": "SYNC_RESPONSE", "message": "Mutation applied"}
    if isinstance(message.get("clientChangeId"), str):
        answer["clientChangeId"] = message["clientChangeId"]
    results = [result_of(write) for write in writes]
    if several:
        answer["results"] = results  # RT-050
    else:
        answer |= {name: results[0][name] for name in OUTCOME if name in results[0]}
    if connection.watermark is not None:
        answer["lastSeq"] = connection.watermark  # RT-024
    connection.say(answer)
    hub.tell_winners(connection, writes)


def _tell_refusal(connection, message, write):
    error = write.errors[0]
    extra = {"serverTime": write.server_time} if write.server_time else {}
    connection.tell_error(write.code, f"{error['pointer']} {error['detail']}.", message, **extra)


# Each of these takes a message and returns its things, (pointer, entity type or None, item), and whether the
# message is one of several items, which is answered by `results`.


def _one(entity_type, member):
    return lambda message: ([(f"/{member}", entity_type, message[member])], False)


def _deletion(entity_type, id_member, member):
    """RT-047: the message may have its stamp in deletedAt, in timestamp, or nowhere."""

    def read(message):
        stamp = message.get("deletedAt")
        if stamp is None or stamp == "":
            stamp = message.get("timestamp")
        return [("", entity_type, Deletion({id_member: message[member], "deletedAt": stamp}))], False

    return read


def _plan(message):
    if not message.get("occurrences"):
        return _one(PLAN, "plan")(message)
    things = []
    for name in message:
        if name == "plan":
            things.append(("/plan", PLAN, message["plan"]))
        elif name == "occurrences":
            things += _elements(name, OCCURRENCE, message[name])
    return things, True


def _changed(message):
    entity_type = message["entityType"]
    return [("/item", entity_type if entity_type in COLLECTION_OF else None, message["item"])], False


def _bulk(collections):
    """RT-051: a list of objects under another name is an unknown collection; other members are nothing."""

    def read(message):
        things = []
        for name, value in message.items():
            if name in collections:
                things += _elements(name, collections[name], value or [])
            elif isinstance(value, list) and any(isinstance(element, dict) for element in value):
                things += _elements(name, None, value)
        return things, True

    return read


def _elements(name, entity_type, items):
    return [(pointer("", (name, index)), entity_type, item) for index, item in enumerate(items)]


MUTATIONS = {
    "ENTRY_CREATED": _one(ENTRY, "entry"),
    "ENTRY_UPDATED": _one(ENTRY, "entry"),
    "ENTRY_DELETED": _deletion(ENTRY, "id", "entryId"),
    "PIECE_ADDED": _one(PIECE, "piece"),
    "PIECE_UPDATED": _one(PIECE, "piece"),
    "PIECE_REMOVED": _deletion(PIECE, "scoreId", "scoreId"),
    "PIECE_DISSOCIATED": _deletion(PIECE, "scoreId", "scoreId"),
    "PLAN_CREATED": _plan,
    "PLAN_UPDATED": _plan,
    "PLAN_OCCURRENCE_COMPLETED": _one(OCCURRENCE, "occurrence"),
    "ENTITY_CHANGED": _changed,
    "BULK_SYNC": _bulk({name: kind for name, kind in COLLECTIONS.items() if kind != PIECE}),
    "REPERTOIRE_BULK_SYNC": _bulk({"pieces": PIECE}),
}
