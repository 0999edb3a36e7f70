/* Of packages that come without types, what is used here. */

declare module "express-pouchdb" {
  const handlerOf: (databases: unknown, options: object) => (request: unknown, response: unknown) => void;
  export default handlerOf;
}

declare module "express" {
  import type { Server } from "node:http";
  const application: () => {
    use(handler: (request: unknown, response: unknown) => void): void;
    listen(port: number, host: string): Server;
  };
  export default application;
}

declare module "pouchdb-adapter-memory" {
  const plugin: unknown;
  export default plugin;
}

declare module "pouchdb" {
  interface Change {
    direction: "push" | "pull";
    change: { docs_written: number };
  }
  interface Replication extends Promise<unknown> {
    on(event: "change", listener: (change: Change) => void): this;
    on(event: "complete", listener: () => void): this;
    cancel(): void;
  }
  interface Changes {
    on(event: "change", listener: (change: { id: string }) => void): this;
    cancel(): void;
  }
  export default class PouchDB {
    static plugin(plugin: unknown): void;
    static defaults(options: object): unknown;
    constructor(name: string, options?: object);
    readonly replicate: { from(other: PouchDB, options: object): Promise<unknown> };
    sync(other: PouchDB, options: object): Replication;
    changes(options: object): Changes;
    allDocs(): Promise<{ rows: { id: string }[] }>;
    bulkDocs(documents: object[]): Promise<unknown>;
    info(): Promise<unknown>;
    destroy(): Promise<void>;
  }
}
