import type { Context } from "../context.ts";
import { decodeJwt } from "../../wire/jwt.ts";

/** Users, tabs, and the end. */
export interface LivingSteps {
  /** Under which name a device keeps a user's data: one user's never meets another's (CLI-049). */
  storeName(of: { storage: string; user: string }): string;
  /** Whether a token may be used for this user's data (CLI-049). */
  acceptsToken(context: Context, token: string): boolean;
  /** Whether this tab holds the connection and sends (CLI-048). */
  leads(context: Context): boolean;
  /** Signing out: nothing is sent any more, the outbox stays. */
  signOut(context: Context): void;
  /** Ends every timer and connection (CLI-047). */
  close(context: Context): void;
  /** The network is gone: nothing is tried until it is back. */
  goOffline(context: Context): void;
  /** What it does when it is told that it is about to go, as a page that is reloaded: nothing, all that has to be kept is. */
  farewell(context: Context): void;
  /** What it does when it is told that it has slept: nothing, timers that are overdue come by themselves. */
  woke(context: Context): void;
}

export const living: LivingSteps = {
  storeName: ({ storage, user }) => `${storage} ${user}`,

  acceptsToken({ user }, token) {
    const subject = decodeJwt(token)?.claims["sub"];
    return subject === undefined || subject === user;
  },

  leads: (context) => context.tabs[0] === context,

  signOut(context) {
    context.signedOut = true;
    context.token = null;
    context.session?.socket.close(1000);
  },

  close(context) {
    context.session?.socket.close(1000);
    context.session?.stopHeartbeat();
    context.life.end();
  },

  goOffline(context) {
    context.online = false;
    context.session?.socket.terminate();
  },

  farewell() {},

  woke() {},
};
