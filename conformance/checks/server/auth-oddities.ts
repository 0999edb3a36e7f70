import { serverCheck } from "../../check.ts";
import * as faulty from "./auth-oddities.mutants.ts";

const STATUS = "/api/sync/status";

export const cookieNamesHaveACase = serverCheck({
  id: "AUTH-011/cookie-names-have-a-case",
  name: "a cookie whose name is in other letters is another cookie",
  brokenBy: [faulty.findsCookiesWithoutCase],
  needs: ["origin"],
  async run({ device, expect, http, origin }) {
    const asking = (cookie: string) =>
      http({ path: STATUS, as: device, headers: { origin, authorization: undefined, cookie } });
    for (const name of ["Auth-Token", "AUTH-TOKEN"]) {
      expect.status(await asking(`${name}=${device.token}`), 401);
    }
    expect.status(await asking(`auth-token=${device.token}`), 200);
  },
});

export const refererIsNoOrigin = serverCheck({
  id: "AUTH-011/a-referer-is-no-origin",
  name: "a cookie without Origin counts for nothing, whatever page the Referer names",
  brokenBy: [faulty.takesTheRefererForTheOrigin],
  needs: ["origin"],
  async run({ device, expect, http, origin }) {
    const headers = { authorization: undefined, cookie: `auth-token=${device.token}` };
    for (const referer of [origin, `${origin}/log`]) {
      expect.status(await http({ path: STATUS, as: device, headers: { ...headers, referer } }), 401);
    }
    expect.status(await http({ path: STATUS, as: device, headers: { ...headers, origin } }), 200);
  },
});

export const originsAreCompared = serverCheck({
  id: "CORS-002/origins-have-a-case",
  name: "an origin in capitals is not the one on the list",
  brokenBy: [faulty.comparesOriginsWithoutCase],
  needs: ["origin"],
  async run({ device, expect, http, origin }) {
    const capitals = origin.toUpperCase();
    const asking = (from: string) =>
      http({ method: "POST", path: "/api/sync/pull", as: device, json: {}, headers: { origin: from } });
    const named = (await asking(capitals)).headers["access-control-allow-origin"];
    expect.ok(`${capitals} is not let in`, named !== capitals && named !== "*", named ?? "not named");
    expect.header(await asking(origin), "access-control-allow-origin", origin);
  },
});

export const noDozenCharacters = serverCheck({
  id: "AUTH-014/not-a-dozen-characters",
  name: "the refusal of a token has no dozen characters in a row of it",
  brokenBy: [faulty.tellsTheTokensBeginning, faulty.tellsTheSignaturesBeginning],
  async run({ device, expect, tokens }) {
    const token = await tokens.wrongSecret();
    const refused = await device.with({ token }).tryPull();
    expect.status(refused, 401);
    const said = refused.text + JSON.stringify(refused.headers);
    const dozens = Array.from({ length: token.length - 11 }, (_, from) => token.slice(from, from + 12));
    // Counted, not shown: what is found is a part of a token.
    expect.equal("dozens of the token's characters", dozens.filter((one) => said.includes(one)).length, 0);
  },
});
