import { CLIENT_MESSAGES } from "./client.ts";
import { AnyClientMessage, AnyServerMessage, SERVER_MESSAGES, SYNC_RESPONSES } from "./messages.ts";

type Client = typeof CLIENT_MESSAGES;
type Server = typeof SERVER_MESSAGES;

const named = (prefix: string, messages: object) =>
  Object.fromEntries(Object.entries(messages).map(([type, schema]) => [prefix + type.toLowerCase(), schema]));

/** Every message by its published name: `ENTRY_CREATED` of a client is `ws_entry_created`, of a server `ws_server_entry_created`. */
export const REALTIME = {
  client_message: AnyClientMessage,
  server_message: AnyServerMessage,
  ...(named("ws_", CLIENT_MESSAGES) as { [K in keyof Client as `ws_${Lowercase<K>}`]: Client[K] }),
  ...(named("ws_server_", SERVER_MESSAGES) as {
    [K in keyof Server as `ws_server_${Lowercase<K>}`]: Server[K];
  }),
  ws_server_acknowledgement: SYNC_RESPONSES.acknowledgement,
  ws_server_catch_up_end: SYNC_RESPONSES.catchUpEnd,
} as const;
