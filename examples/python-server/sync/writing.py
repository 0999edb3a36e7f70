"""A push or batch from its body to its answer, with the idempotency key around it."""
from rules.canonical_json import json_bytes
from rules.checksums import fingerprint
from rules.i_json import InvalidJson, parse_i_json
from sync.batch import batch_answer, read_batch
from sync.idempotency import Recorded, Slot
from sync.judging import Judgement
from sync.problems import Problem
from sync.push import push_answer, read_push

READ = {"push": read_push, "batch": read_batch}
ANSWER = {"push": push_answer, "batch": batch_answer}


def write_call(app, call, sender, key, body, connection_id):
    """(Recorded, whether it is a replay). connection_id: the sender's own socket, or empty (RT-002)."""
    if key is None:
        return _judge(app, call, sender, body, connection_id), False
    slot = Slot(sender.user, call, key)
    print_ = fingerprint(body, app.limits["maxDepth"])
    found = app.idempotency.recorded(slot, print_)
    if found:
        return found, True
    with app.idempotency.alone(slot):
        found = app.idempotency.recorded(slot, print_)
        if found:
            return found, True
        return _judge(app, call, sender, body, connection_id, slot, print_), False


def _judge(app, call, sender, body, connection_id, slot=None, print_=None):
    try:
        writes = READ[call](app, _parse(app, body), sender)
    except Problem as problem:
        if slot is None or not sender.announced:  # IDEM-015
            raise
        answer = Recorded(problem.status, "application/problem+json", json_bytes(problem.body()))
        with app.store.changing() as connection:
            app.idempotency.record(connection, slot, print_, answer)
        return answer
    transaction = app.store.changing()
    with transaction as connection:
        verdict = Judgement(connection, sender, app.limits["clockSkewMs"]).apply(writes)
        transaction.after.append(lambda: _tell(app, sender, connection_id, verdict, writes))
        value = ANSWER[call](app, sender.user, writes, verdict)
        answer = Recorded(200, "application/json", json_bytes(value))
        if slot is not None and (sender.announced or value["success"]):  # IDEM-015
            app.idempotency.record(connection, slot, print_, answer)
    return answer


def _parse(app, body):
    try:
        return parse_i_json(body, app.limits["maxDepth"])
    except InvalidJson as error:
        raise Problem("INVALID_JSON", f"The body is {error}.") from None


def _tell(app, sender, connection_id, verdict, writes):
    own = app.hub.named(sender.user, connection_id)
    app.hub.publish(sender.user, verdict.changed, own)
    if own is not None:
        app.hub.tell_winners(own, writes)
