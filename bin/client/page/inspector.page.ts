import { h } from "../../../reference-client/inspector/dom.ts";
import { mountPanel, type Snapshot } from "../../../reference-client/inspector/index.ts";

/** Shows what the program tells, until it ends. */
const gone = h("p", { role: "status" });
const place = document.querySelector<HTMLElement>("main")!;
mountPanel(place, (show) => {
  const events = new EventSource("events");
  events.addEventListener("message", ({ data }: MessageEvent<string>) => {
    const snapshot = JSON.parse(data) as Snapshot;
    document.title = `${snapshot.user}, ${snapshot.status}`;
    show(snapshot);
  });
  events.addEventListener("error", () => {
    events.close();
    gone.textContent = "The program has ended: this is how it was last.";
  });
  return () => events.close();
});
place.appendChild(gone);
