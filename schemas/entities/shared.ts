import { Type } from "@sinclair/typebox";
import { anyObject, oneOf, openString, ref, strings } from "../define.ts";
import { EntityId, Instant, moment } from "../scalars.ts";

/** The entity's own id. */
export function id(description = "The entity's id, chosen by the client that made it.") {
  return ref(EntityId, { description });
}

/** The id of another entity. */
export function idOf(what: string) {
  return ref(EntityId, { description: `The id of ${what}.` });
}

/** The members that every live item may carry beside its content. */
export function bookkeeping() {
  return {
    createdAt: Type.Optional(
      ref(Instant, { description: "When the entity was made, on the client's clock." }),
    ),
    updatedAt: Type.Optional(
      ref(Instant, {
        description:
          "The stamp: when this state was written. A peer that announces the protocol's version must send it.",
      }),
    ),
    deletedAt: Type.Optional(
      Type.Unsafe<"" | null>({
        type: ["string", "null"],
        maxLength: 0,
        description: "Null or empty: the item is live. With an instant it would be a deletion.",
      }),
    ),
    deviceId: Type.Optional(Type.String({ description: "The device that wrote this state." })),
  };
}

/** When a plan's sessions take place. */
export function schedule() {
  return Type.Object(
    {
      kind: oneOf(["single", "recurring"], "`single`: once. `recurring`: by `rule`."),
      rule: Type.Optional(
        Type.String({
          description:
            "RFC 5545 recurrence rule: FREQ (DAILY, WEEKLY, MONTHLY), INTERVAL, BYDAY, COUNT, UNTIL.",
        }),
      ),
      durationMinutes: Type.Optional(
        Type.Number({ minimum: 0, description: "Length of one session, in minutes." }),
      ),
      timeOfDay: Type.Optional(
        Type.String({ description: "Local time of day of a session, such as `18:30`." }),
      ),
      flexibility: Type.Optional(
        oneOf(["fixed", "same-day", "anytime"], "How far a session may move from its place."),
      ),
      startDate: Type.Optional(moment("First day.")),
      endDate: Type.Optional(moment("Last day.")),
      target: Type.Optional(Type.Unknown({ description: "What a session aims at. Any JSON." })),
      metadata: Type.Optional(anyObject("The application's own.")),
    },
    { description: "When the sessions take place." },
  );
}

/** A piece that a plan points to. */
export function pieceRefs() {
  return Type.Array(
    Type.Object({
      scoreId: Type.Optional(Type.String({ description: "The score id of a repertoire item." })),
      title: Type.Optional(Type.String({ description: "Title, as the user wrote it." })),
    }),
    { description: "The pieces that the plan is about." },
  );
}

/** What a plan and a template have in common, `status` and `visibility` apart. */
export function planContent() {
  return {
    title: Type.String({ description: "Name of the plan." }),
    description: Type.Optional(Type.String({ description: "Free text." })),
    type: Type.Optional(openString(["bootcamp", "course", "custom"], "Kind of plan.")),
    focusAreas: Type.Optional(strings("What the plan works on.")),
    techniques: Type.Optional(strings("Techniques that the plan trains.")),
    pieceRefs: Type.Optional(pieceRefs()),
    schedule: schedule(),
    tags: Type.Optional(strings("The user's own labels.")),
    metadata: Type.Optional(anyObject("The application's own.")),
  };
}
