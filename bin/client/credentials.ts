import { UsageError } from "../../conformance/run/select.ts";
import { commandTokenSource } from "../../conformance/subject/token-command.ts";
import type { TokenProvider } from "../../reference-client/index.ts";
import { isLoopback } from "../../spec/development-secret.ts";
import { mintToken } from "../token.ts";

const LIFE_TIME = 3_600;

/**
 * Where the user's tokens come from: a command, the environment, or a secret: the public one for a server on this machine. Never the
 * command line, which every process on this machine can read.
 *
 * @throws UsageError where there is none
 */
export function tokenProvider(
  { url, user, tokenCommand }: { url: string; user: string; tokenCommand?: string },
  env: NodeJS.ProcessEnv,
): TokenProvider {
  if (tokenCommand !== undefined) {
    const source = commandTokenSource(tokenCommand);
    return () => {
      const iat = Math.floor(Date.now() / 1000);
      const claims = { sub: user, iat, exp: iat + LIFE_TIME };
      return source.mint({ user, claims, header: { alg: "HS256", typ: "JWT" } });
    };
  }
  const token = env["MIRUBATO_TOKEN"];
  if (token) return () => token;
  if (env["MIRUBATO_JWT_SECRET"] || isLoopback(url))
    return () => mintToken({ user, expires: `${LIFE_TIME}s` }, env);
  throw new UsageError(
    `which token? ${url} is not on this machine: give MIRUBATO_TOKEN, MIRUBATO_JWT_SECRET or --token-command`,
  );
}
