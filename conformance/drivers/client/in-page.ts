/* Runs inside the page, one function at a time: nothing outside a function is there. */

/** What a page under test defines. */
interface PageAdapter {
  /** Rejects with `{ code, message }`. */
  ask(verb: string, params: object): Promise<unknown>;
  /** Set by the suite, for a page that has something to tell. */
  onEvent?: (event: object) => void;
}

declare const self: {
  mirubatoAdapter?: PageAdapter;
  mirubatoTell(event: string): void;
};

export function isAdapterThere(): boolean {
  return typeof self.mirubatoAdapter?.ask === "function";
}

/** Has events told, by the binding `mirubatoTell`. */
export function hearEvents(): void {
  self.mirubatoAdapter!.onEvent = (event) => self.mirubatoTell(JSON.stringify(event) ?? "null");
}

/** Resolves with the line that answers. Never rejects. */
export async function askInPage({
  id,
  verb,
  params,
}: {
  id: number;
  verb: string;
  params: object;
}): Promise<string> {
  try {
    const result = await self.mirubatoAdapter!.ask(verb, params);
    // A function that has nothing to say returns nothing.
    return JSON.stringify({ id, ok: true, result: result === undefined ? {} : result });
  } catch (error) {
    const { code, message = String(error) } = (error ?? {}) as { code?: unknown; message?: unknown };
    return JSON.stringify({ id, ok: false, error: { code, message } });
  }
}
