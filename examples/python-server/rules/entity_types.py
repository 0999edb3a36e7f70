"""The collections of a push, the entity types in them, and the members that only keep books."""

COLLECTIONS = {
    "entries": "logbook_entry",
    "goals": "goal",
    "repertoire": "repertoire_item",
    "practicePlans": "practice_plan",
    "planOccurrences": "plan_occurrence",
    "planTemplates": "plan_template",
    "preferences": "user_preferences",
}
COLLECTION_OF = {entity_type: collection for collection, entity_type in COLLECTIONS.items()}
ENTITY_TYPES = tuple(COLLECTION_OF)

ENTRY = "logbook_entry"
PIECE = "repertoire_item"
PLAN = "practice_plan"
OCCURRENCE = "plan_occurrence"
TEMPLATE = "plan_template"

BOOKKEEPING = (
    "updatedAt", "deletedAt", "version", "seq", "checksum", "deviceId", "userId", "clientChangeId"
)
