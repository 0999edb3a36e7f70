import { clientMutant } from "../../model-client/mutant.ts";

export const leavesItsRequestsOpen = clientMutant({
  name: "leaves-its-requests-open",
  story:
    "close() tells its threads to end, and waits for none: one that waits for an answer is left behind, with its connection and with the store.",
  breaks: ["CLI-047"],
  deform: (conforming) => ({ ...conforming, endOf: () => undefined }),
});
