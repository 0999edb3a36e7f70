import type { TokenSource } from "../wire/tokens.ts";
import { CouldNotRun, NotApplicable } from "../verdict.ts";
import { startGroup } from "./process-group.ts";

const TIMEOUT_MS = 10_000;

/**
 * Tokens by the operator's command: it gets `{user, claims, header}` as JSON on stdin and prints a token. It may
 * create the user first. What it does not print (another exit status, or nothing) it cannot forge.
 */
export function commandTokenSource(command: string): TokenSource {
  return {
    mint: async (request) => {
      const group = startGroup(command, { protocolOnStdout: true });
      let printed = "";
      group.child.stdout!.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
      const closed = new Promise((resolve) => group.child.once("close", resolve));
      group.child.stdin!.end(JSON.stringify(request));
      const timer = setTimeout(() => void group.stop(), TIMEOUT_MS);
      const began = performance.now();
      const how = await group.ended;
      if (how.startsWith("exit code")) await closed;
      clearTimeout(timer);
      await group.stop();
      if (performance.now() - began >= TIMEOUT_MS) {
        throw new CouldNotRun(`the token command printed nothing within ${TIMEOUT_MS / 1000} s`);
      }
      const token = printed.trim();
      if (how === "exit code 0" && token !== "") return token;
      const shown = JSON.stringify({ header: request.header, claims: request.claims });
      const words = group.tail();
      const ending = how === "exit code 0" ? "it printed nothing" : how;
      throw new NotApplicable(
        `the token command cannot forge ${shown} (${ending}${words === "" ? "" : `: ${words}`})`,
      );
    },
  };
}
