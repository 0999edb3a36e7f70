import { Type, type Static } from "@sinclair/typebox";
import { anyObject, oneOf, schemaId } from "../define.ts";
import { bookkeeping, id } from "./shared.ts";

/** The user's settings. */
export const UserPreferences = Type.Object(
  {
    id: id("The entity's id: `preferences`."),
    theme: Type.Optional(oneOf(["light", "dark", "auto"], "Appearance of the app.")),
    notificationSettings: Type.Optional(
      anyObject("Which notifications the user wants. The application's own."),
    ),
    primaryInstrument: Type.Optional(Type.String({ description: "The user's main instrument." })),
    ...bookkeeping(),
  },
  {
    $id: schemaId("user_preferences"),
    title: "UserPreferences",
    description:
      "The user's settings: one entity, with the id `preferences`. Members not listed travel unchanged.",
    examples: [
      { id: "preferences", theme: "auto", primaryInstrument: "piano", updatedAt: "2026-11-21T10:15:00.000Z" },
    ],
  },
);
export type UserPreferences = Static<typeof UserPreferences>;
