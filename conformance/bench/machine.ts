import { cpus, loadavg, totalmem } from "node:os";
import type { Machine } from "./result.ts";

/** The machine before a run; {@link afterwards} completes it. */
export function describeMachine(versions: Record<string, string> = {}): Omit<Machine, "loadAfter"> {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    versions: { node: process.versions.node, ...versions },
    loadBefore: load(),
  };
}

export function afterwards(machine: Omit<Machine, "loadAfter">): Machine {
  return { ...machine, loadAfter: load() };
}

function load(): number {
  return Math.round(loadavg()[0]! * 100) / 100;
}
