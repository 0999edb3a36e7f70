import { DEVELOPMENT_SECRET } from "../spec/development-secret.ts";
import { signJwt } from "../conformance/wire/jwt.ts";
import { UsageError } from "../conformance/run/select.ts";

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A signed access token. @throws UsageError for a user or life time that no server would accept. */
export function mintToken(
  flags: { user: string; expires: string; jwtSecret?: string },
  env: NodeJS.ProcessEnv,
  now: number = Date.now(),
): string {
  const match = /^(\d+)([smhd])$/.exec(flags.expires);
  if (!match)
    throw new UsageError(`--expires: "${flags.expires}" is not a number with s, m, h or d, such as 1h`);
  const length = Array.from(flags.user).length;
  if (length < 1 || length > 255)
    throw new UsageError(`--user: a user has 1 to 255 characters, this one ${length}`);
  const issued = Math.floor(now / 1000);
  const claims = { sub: flags.user, iat: issued, exp: issued + Number(match[1]) * UNITS[match[2]!]! };
  const secret = flags.jwtSecret ?? (env["MIRUBATO_JWT_SECRET"] || DEVELOPMENT_SECRET);
  return signJwt({ alg: "HS256", typ: "JWT" }, claims, secret);
}
