import { clientMutant } from "../../model-client/mutant.ts";

export const keepsTheTokenForHttp = clientMutant({
  name: "keeps-the-token-for-http",
  story:
    "The socket notes that its token is bad and waits for another; HTTP will hear of it from its own 401s.",
  breaks: ["CLI-035"],
  deform: (conforming) => ({
    ...conforming,
    afterClose(context, code) {
      if (code !== 4401) return conforming.afterClose(context, code);
      context.scratch.set("bad on sockets", context.token);
      return "later";
    },
    wantsSocket: (context) =>
      conforming.wantsSocket(context) && context.scratch.get("bad on sockets") !== context.token,
  }),
});
