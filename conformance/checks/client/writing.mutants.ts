import { clientMutant } from "../../model-client/mutant.ts";

export const clearsTheQueueWhenSent = clientMutant({
  name: "clears-the-queue-when-sent",
  story: "The queue is emptied into the request, and what is on its way is nobody's any more.",
  breaks: ["CLI-018"],
  deform: (conforming) => conforming,
});
