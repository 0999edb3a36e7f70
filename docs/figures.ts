import { html } from "../conformance/reporters/html/markup.ts";
import { evidence } from "./evidence.ts";

/** How much there is, counted while the site is built. */
export async function figures(): Promise<string> {
  const { requirements, checks } = await evidence();
  const of = (role: "server" | "client"): typeof checks => checks.filter((check) => check.role === role);
  const faults = new Set(
    checks.flatMap(({ role, brokenBy }) => brokenBy.map(({ name }) => `${role} ${name}`)),
  );
  const told: [number, string, string][] = [
    [requirements.length, "requirements", "/reference/requirements.html"],
    [of("server").length, "checks of servers", "/guides/check-your-server.html"],
    [of("client").length, "checks of clients", "/guides/check-your-client.html"],
    [faults.size, "faulty implementations that they catch", "/evidence/mutants.html"],
  ];
  return String(
    html`<ul class="figures">
      ${told.map(
        ([number, what, address]) =>
          html`<li>
            <a href="${address}"><strong>${number.toLocaleString("en")}</strong> ${what}</a>
          </li>`,
      )}
    </ul>`,
  );
}
