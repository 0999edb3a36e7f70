/** The pure rules of the protocol: no clock, no randomness, no I/O. What they come to is written down in `vectors/`. */
export { withAuthor } from "./rules/author.ts";
export { canonicalJson } from "./rules/canonical-json.ts";
export { checksumOf } from "./rules/checksum.ts";
export { contentOf } from "./rules/content.ts";
export { entityIdOf, isDeletion } from "./rules/entity-id.ts";
export { fingerprintOf, fingerprintOfBytes } from "./rules/fingerprint.ts";
export { decodeUtf8, IJsonError, parseIJson, type IJsonReason } from "./rules/i-json.ts";
export { formatInstant, parseInstant } from "./rules/instant.ts";
export { judge, type Judgement } from "./rules/merge.ts";
export { normalise } from "./rules/normalise.ts";
export { normaliseScoreId, scoreIdFrom } from "./rules/score-id.ts";
export { compareStamps, type Stamp } from "./rules/stamp.ts";
