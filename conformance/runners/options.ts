/** What is to be checked, whoever is under test. Named as in `mirubato-sync.config.json`, whose settings these win over. */
export interface CommonOptions {
  /** Requirements (`IDEM-002`), checks (`IDEM-002/replay-changes-nothing`) or areas (`IDEM`, `idempotency`). Absent: all. */
  only?: string[];
  /** Profiles to check. Absent: all that the implementation has. */
  profiles?: string[];
  /** File of known failures, with reasons: such a test is skipped, with the reason. */
  baseline?: string;
  /** What random choices come from. Absent: a new one each time, which every failure tells. */
  seed?: string;
  /** How many checks run at once (8). */
  concurrency?: number;
  /** Settings file. Default: `mirubato-sync.config.json` in `folder`, if there is one. */
  config?: string;
  /** What file names are relative to. Default: the process's own folder. */
  folder?: string;
}

/** A server that the test file starts itself. */
export interface StartedServer {
  /** Base address, such as `http://127.0.0.1:8787`. */
  url: string;
  /** Called once, when the last test is over. */
  close?(): unknown;
}

export interface ServerOptions extends CommonOptions {
  /** Base address of a server that runs; `{port}` stands for a free port. */
  url?: string;
  /** Instead: starts a server from the tests, once, and not at all where the runner's filter leaves none of them. */
  serve?: () => StartedServer | Promise<StartedServer>;
  /** Instead: the command that starts it, `{port}` stands for a free port; it is ended with all its children. */
  start?: string;
  /** How long `start` may take to answer, in seconds (60). */
  startTimeout?: number;
  /** How many servers are started by `start` or `control`, on a `{port}` each, to share the checks (1). */
  instances?: number;
  /** Address of the WebSocket endpoint, if discovery does not tell. */
  wsUrl?: string;
  /** A program of JSON lines that can restart the server, advance its clock, …; see the README. */
  control?: string;
  /** HS256 secret that the suite signs tokens with. Default: `MIRUBATO_JWT_SECRET`; on loopback the development secret. */
  jwtSecret?: string;
  /** Instead: a command that gets `{user, claims, header}` as JSON on stdin, and prints a token. */
  tokenCommand?: string;
  /** Web origins on the server's allow-list. */
  origins?: string[];
  /** Added to every request. */
  headers?: Record<string, string>;
  /** File of a certificate authority (PEM) to trust. */
  ca?: string;
  /** For an answer, or the next message of a socket, in seconds (10). */
  timeout?: number;
  /** How many random histories of each kind are played (4). */
  histories?: number;
}

export interface ClientOptions extends CommonOptions {
  /** The command of the adapter that drives the client, or `tcp://host:port`. */
  adapter?: string;
  /** Instead: the page that drives it in Chromium, an HTML file or a URL. */
  browser?: string;
  /** Takes the specification's own durations: 30 seconds take 30 seconds. */
  realTime?: boolean;
  /** How long an adapter may take to its first answer, in seconds (20). */
  startTimeout?: number;
  /** For any other answer of it, in seconds (20). */
  timeout?: number;
}
