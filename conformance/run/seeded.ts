import { createHash } from "node:crypto";

/** Numbers in [0, 1) that depend on the seed and the name alone (mulberry32). */
export function seededRandom(seed: string, name: string): () => number {
  let state = createHash("sha256").update(`${seed}\n${name}`).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `<prefix>-<8 hex digits>-<count>`, never twice the same from one source. */
export function uniqueStrings(random: () => number): (prefix?: string) => string {
  let count = 0;
  return (prefix = "x") => {
    count += 1;
    const noise = Math.floor(random() * 0x1_0000_0000);
    return `${prefix}-${noise.toString(16).padStart(8, "0")}-${count}`;
  };
}
