/** A mistake of whoever starts the server; the message is one line, and says how to mend it. */
export class UsageError extends Error {
  override name = "UsageError";
}
