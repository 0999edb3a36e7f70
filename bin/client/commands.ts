import { didYouMean, UsageError } from "../../conformance/run/select.ts";
import type { SyncClient } from "../../reference-client/index.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { checkItem } from "./check-item.ts";
import { allNamed, idOf, named, shortId } from "./ids.ts";
import { kindNamed, kindOf, KINDS } from "./kinds.ts";
import type { Screen } from "./screen.ts";
import {
  headline,
  showDeadLetters,
  showItem,
  showLists,
  showPending,
  showStatus,
  stateLine,
} from "./show.ts";
import { membersOf } from "./words.ts";

/** What a command works with. */
export interface Session {
  client: SyncClient;
  screen: Screen;
  /** Server, user, folder: what `status` tells of them. */
  where: Readonly<Record<string, string>>;
  /** Tells of changes as they come, or does so no more. */
  watch(on: boolean): void;
  /** Ends the program after this command. */
  end(): void;
}

export interface Command {
  usage: string;
  help: string;
  /** Read what is new before it, send what it wrote after it: where a command is all that the program is started for. */
  needs?: "pull" | "push" | "both";
  run(session: Session, words: readonly string[]): void | Promise<void>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  list: {
    usage: "list [type …]",
    help: "what is here, by type, newest first",
    needs: "pull",
    run: ({ client, screen }, words) =>
      showLists(client, words.length === 0 ? KINDS : words.map(kindNamed), screen),
  },
  show: {
    usage: "show <id>",
    help: "all that is known of one",
    needs: "pull",
    run({ client, screen }, [word]) {
      const { type, id } = named(word, allNamed(client));
      const item = client.get(type, id);
      if (item === undefined) throw new UsageError(`"${word}" was deleted here`);
      showItem(item, screen);
    },
  },
  add: {
    usage: "add [unchecked] <type> [text] [member=value …]",
    help: "a new one, such as: add entry duration=30 Scales, slowly; unchecked leaves mistakes for the server to find",
    needs: "both",
    async run({ client, screen }, words) {
      const unchecked = words[0] === "unchecked";
      const [word, ...rest] = unchecked ? words.slice(1) : words;
      const kind = kindNamed(word);
      const { text, members } = membersOf(rest);
      const item = {
        ...kind.initially(new Date()),
        ...(text === "" ? {} : { [kind.text]: text }),
        ...members,
      };
      if (!unchecked) checkItem(kind, item as JsonObject);
      const made = await client.create(kind.type, item);
      if (screen.json) showItem(made, screen);
      else
        screen.out(`${screen.colours.green("added")}  ${shortId(idOf(kind, made))}  ${headline(kind, made)}`);
    },
  },
  edit: {
    usage: "edit [unchecked] <id> [text] [member=value …]",
    help: "other values for some members; member= removes one",
    needs: "both",
    async run({ client, screen }, words) {
      const unchecked = words[0] === "unchecked";
      const [word, ...rest] = unchecked ? words.slice(1) : words;
      const { type, id } = named(word, allNamed(client));
      const kind = kindOf(type);
      const { text, members } = membersOf(rest);
      const patch = { ...(text === "" ? {} : { [kind.text]: text }), ...members };
      if (Object.keys(patch).length === 0)
        throw new UsageError(`edit ${word}: what is to be another? Give text or member=value`);
      const next = { ...client.get(type, id), ...patch } as JsonObject;
      if (!unchecked) checkItem(kind, next);
      const made = await client.update(type, id, patch);
      if (screen.json) showItem(made, screen);
      else screen.out(`${screen.colours.green("edited")}  ${shortId(id)}  ${headline(kind, made)}`);
    },
  },
  delete: {
    usage: "delete <id>",
    help: "removes one, on all devices",
    needs: "both",
    async run({ client, screen }, [word]) {
      const { type, id } = named(word, allNamed(client));
      await client.delete(type, id);
      if (!screen.json) screen.out(`${screen.colours.green("deleted")}  ${shortId(id)}`);
    },
  },
  watch: {
    usage: "watch [off]",
    help: "tells of changes as they come from other devices",
    run: ({ watch }, [word]) => watch(word !== "off"),
  },
  pending: {
    usage: "pending",
    help: "writes that the server has not acknowledged",
    run: ({ client, screen }) => showPending(client.pending(), screen),
  },
  letters: {
    usage: "letters",
    help: "dead letters: writes that the server refused for good, and why",
    run: ({ client, screen }) => showDeadLetters(client.deadLetters(), screen),
  },
  retry: {
    usage: "retry <id>",
    help: "sends a dead letter once more",
    needs: "push",
    async run({ client, screen }, [word]) {
      const { type, id } = named(word, client.deadLetters(), "dead letter");
      await client.retry(type, id);
      if (!screen.json) screen.out(`${shortId(id)} waits for the server again`);
    },
  },
  discard: {
    usage: "discard <id>",
    help: "drops a dead letter: what the server has shows again",
    async run({ client, screen }, [word]) {
      const { type, id } = named(word, client.deadLetters(), "dead letter");
      await client.discard(type, id);
      if (!screen.json) screen.out(`${shortId(id)} discarded`);
    },
  },
  status: {
    usage: "status",
    help: "how things stand",
    needs: "pull",
    run: ({ client, screen, where }) => showStatus(client, where, screen),
  },
  flush: {
    usage: "flush",
    help: "sends what waits, now",
    async run({ client, screen }) {
      await client.flush();
      if (!screen.json) screen.out(stateLine(client, screen.colours));
    },
  },
  pull: {
    usage: "pull",
    help: "reads what is new, now",
    async run({ client, screen }) {
      await client.pull();
      if (!screen.json) screen.out(stateLine(client, screen.colours));
    },
  },
  offline: {
    usage: "offline",
    help: "talks to the server only when told to, until: online",
    async run({ client, screen }) {
      await client.configure({ autoSync: "never" });
      if (!screen.json) screen.out("offline: what you write waits here; online ends that");
    },
  },
  online: {
    usage: "online",
    help: "syncs by itself again, and tries again after it stopped",
    needs: "both",
    async run({ client, screen }) {
      await client.configure({ autoSync: "always" });
      await client.resume();
      if (!screen.json) screen.out("online");
    },
  },
  "sign-out": {
    usage: "sign-out [erase]",
    help: "ends; what was not sent stays for the next time, unless erase removes all of this user from this device",
    async run({ client, screen, end }, words) {
      const erase = words[0] === "erase";
      const unsent = client.pendingCount + client.deadLetters().length;
      if (erase && unsent > 0 && words[1] !== "unsent")
        throw new UsageError(
          `${unsent} of your writes are on no server and would be lost: flush, or say: sign-out erase unsent`,
        );
      await client.signOut({ erase });
      const left =
        unsent === 0
          ? ""
          : `; ${unsent} unsent ${unsent === 1 ? "write stays" : "writes stay"} here for the next time`;
      screen.out(erase ? "signed out; nothing of this user is left here" : `signed out${left}`);
      end();
    },
  },
  help: {
    usage: "help",
    help: "this",
    run({ screen }) {
      const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
      for (const { usage, help } of Object.values(COMMANDS))
        screen.out(`  ${usage.padEnd(width)}  ${screen.colours.dim(help)}`);
      screen.out(
        screen.colours.dim(`types: ${KINDS.map(({ word }) => word).join(", ")}. "…" keeps words together.`),
      );
    },
  },
  quit: { usage: "quit", help: "ends; what waits is sent the next time", run: ({ end }) => end() },
};

/** The command of a word. @throws UsageError */
export function commandNamed(word: string): Command {
  if (Object.hasOwn(COMMANDS, word)) return COMMANDS[word]!;
  const names = Object.keys(COMMANDS);
  throw new UsageError(`there is no command "${word}".${didYouMean(word, names) || " help lists them"}`);
}

export function commandNames(): string[] {
  return Object.keys(COMMANDS);
}
