import { serverCheck } from "../../check.ts";
import type { ServerCheck } from "../../check.ts";
import { demandOfFuzz } from "../../fuzz/demand.ts";
import type { Property } from "../../fuzz/faults.ts";
import * as faulty from "./fuzz.mutants.ts";

/** One property, judged of the requests or messages that all these checks share. */
function ofFuzz(
  id: string,
  name: string,
  channel: "http" | "realtime",
  properties: readonly Property[],
  brokenBy: ServerCheck["brokenBy"],
): ServerCheck {
  return serverCheck({ id, name, brokenBy, run: (context) => demandOfFuzz(context, channel, properties) });
}

export const requestsAnswered = ofFuzz(
  "HTTP-007/nearly-valid-requests-are-answered",
  "requests that differ from valid ones in any one member, byte or header are answered, and not by a server error",
  "http",
  ["answered"],
  [faulty.tidiesTagsUnseen, faulty.formatsCreationTimesUnseen],
);

export const bodiesRefused = ofFuzz(
  "HTTP-005/no-body-is-guessed",
  "of bodies that are spoilt in any one place nothing is guessed",
  "http",
  ["no-guessing"],
  [faulty.detectsEncodings, faulty.readsTheFirstValue],
);

export const acknowledgedThere = ofFuzz(
  "CONS-001/beside-nearly-valid-ones",
  "what is acknowledged beside nearly valid and hostile items is there",
  "http",
  ["nothing-lost"],
  [faulty.rollsBackBesideRefusals],
);

export const refusedWithoutEffect = ofFuzz(
  "CONS-008/of-nearly-valid-requests",
  "requests that are nearly valid have the effect that was acknowledged, and none where they were refused",
  "http",
  ["no-effect"],
  [faulty.refusesAfterStoring],
);

export const nothingOfOthers = ofFuzz(
  "CONS-007/in-answers-to-hostile-requests",
  "no answer to any request, however hostile, has words of another user",
  "http",
  ["isolation"],
  [faulty.quotesThePooledBuffer],
);

export const messagesAnswered = ofFuzz(
  "RT-009/nearly-valid-messages-are-answered",
  "messages that differ from valid ones in any one member or byte are answered, and the socket stays usable",
  "realtime",
  ["answered", "no-guessing"],
  [faulty.tidiesTagsOfMessages, faulty.readsTheFirstMessage, faulty.endsTheSocketForAMember],
);

export const messagesAcknowledged = ofFuzz(
  "CONS-012/of-nearly-valid-messages",
  "nearly valid messages have the effect that was acknowledged, and none where they were refused",
  "realtime",
  ["nothing-lost", "no-effect"],
  [faulty.rollsBackMessagesBesideRefusals, faulty.refusesMessagesAfterStoring],
);

export const nothingOfOthersTold = ofFuzz(
  "CONS-013/beside-hostile-messages",
  "no socket is told of another user's writes, whatever was sent on it",
  "realtime",
  ["isolation"],
  [faulty.forgetsWhoseSocketItWas],
);
