import { randomUUID } from "node:crypto";
import { decodeJwt } from "../../wire/jwt.ts";
import { clientMutant, tally } from "../../model-client/mutant.ts";

export const keepsOneStoreForAllUsers = clientMutant({
  name: "keeps-one-store-for-all-users",
  story:
    "The database has one name, whoever is signed in, and the queue in it goes out with the token of the day.",
  breaks: ["CLI-049"],
  deform: (conforming) => ({ ...conforming, storeName: ({ storage }) => storage }),
});

export const emptiesItsOutboxAtSignOut = clientMutant({
  name: "empties-its-outbox-at-sign-out",
  story:
    "So that nothing of a user's stays on a borrowed phone, signing out clears the database, with the week in it that was never sent.",
  breaks: ["CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    signOut(context) {
      conforming.signOut(context);
      const { store } = context;
      store.transaction(() => {
        store.changes.clear();
        store.requests.clear();
      });
    },
  }),
});

export const takesAnyToken = clientMutant({
  name: "takes-any-token",
  story: "setToken stores what it is given: whose token it is, the caller will know.",
  breaks: ["CLI-049"],
  deform: (conforming) => ({ ...conforming, acceptsToken: () => true }),
});

export const comparesTheIssuerOnly = clientMutant({
  name: "compares-the-issuer-only",
  story:
    "A token is looked at whether it is one of this service; that it is of the same user goes without saying.",
  breaks: ["CLI-049"],
  deform: (conforming) => ({
    ...conforming,
    acceptsToken: (_context, token) => decodeJwt(token)?.claims["sub"] !== undefined,
  }),
});

export const takesAnyTokenAfterSigningOut = clientMutant({
  name: "takes-any-token-after-signing-out",
  story:
    "Signing out forgets the user and keeps the queue: whoever signs in next on this client is taken for its owner.",
  breaks: ["CLI-049"],
  deform: (conforming) => ({
    ...conforming,
    acceptsToken: (context, token) => context.signedOut || conforming.acceptsToken(context, token),
  }),
});

export const eachTabHasItsOwnOutbox = clientMutant({
  name: "each-tab-has-its-own-outbox",
  story:
    "The store is opened under a name of the tab, so that two tabs never wait for each other's transactions.",
  breaks: ["CLI-048"],
  deform: (conforming) => ({
    ...conforming,
    storeName: (of) => `${conforming.storeName(of)} ${randomUUID()}`,
  }),
});

export const eachTabSyncs = clientMutant({
  name: "each-tab-syncs",
  story:
    "The store is shared, and nobody asks who sends: each tab has its socket, and flushes what it finds.",
  breaks: ["CLI-048"],
  deform: (conforming) => ({ ...conforming, leads: () => true }),
});

export const nobodyInheritsTheLead = clientMutant({
  name: "nobody-inherits-the-lead",
  story: "The first tab is elected, and the note that says so is not taken away when it is closed.",
  breaks: ["CLI-048"],
  deform: (conforming) => ({
    ...conforming,
    // Asked once more at the end of a tab, for whom to hand over to.
    leads: (context) => context.life.alive && conforming.leads(context),
  }),
});

export const showsEachTabItsOwnWrites = clientMutant({
  name: "shows-each-tab-its-own-writes",
  story:
    "What waits is shown from the memory of the tab that wrote it, until a pull brings it to the others.",
  breaks: ["CLI-048", "CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    makeChange(context, type, id, item) {
      const change = conforming.makeChange(context, type, id, item);
      const own = (context.scratch.get("own") as Set<number> | undefined) ?? new Set<number>();
      context.scratch.set("own", own.add(change.n));
      return change;
    },
    pending(context) {
      const own = context.scratch.get("own") as Set<number> | undefined;
      const items = conforming.outbox(context).filter(({ n }) => own?.has(n));
      return { items: items.map(({ type, id }) => ({ type, id })), count: items.length };
    },
  }),
});

export const flushesWhatItFindsAtStart = clientMutant({
  name: "flushes-what-it-finds-at-start",
  story:
    "Each tab sends what it finds in the outbox when it is opened; only afterwards one of them is elected.",
  breaks: ["CLI-048"],
  deform: (conforming) => ({
    ...conforming,
    leads(context) {
      if (tally(context, "leads") === 1) context.life.after(0, () => void context.lanes.push.run());
      return conforming.leads(context);
    },
  }),
});
