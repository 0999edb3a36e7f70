import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export const MANIFEST = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  version: string;
  engines: { node: string };
  exports: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

/** The oldest Node that `engines` promises. */
export const OLDEST_NODE = `${/(\d+\.\d+)/.exec(MANIFEST.engines.node)![1]}.0`;

export interface Ended {
  status: number;
  out: string;
  err: string;
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Ended> {
  // What npm tells its scripts is about this project, and not about the one that the program runs in.
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^INIT_CWD$|^NODE_OPTIONS$|^FORCE_COLOR$/i.test(name),
  );
  const options = {
    cwd,
    env: { ...Object.fromEntries(own), NO_COLOR: "1", ...env },
    maxBuffer: 2 ** 26,
  };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, out, err) => {
      const status = error === null ? 0 : error.code;
      if (typeof status === "number") resolve({ status, out, err });
      else reject(error!);
    });
  });
}

/** As {@link run}, for what has to succeed. Returns what it printed. */
export async function succeed(...[command, args, where]: Parameters<typeof run>): Promise<string> {
  const { status, out, err } = await run(command, args, where);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: status ${status}\n${out}${err}`);
  return out;
}

export interface Packed {
  tarball: string;
  /** Paths in the package, with sizes in bytes. */
  files: { path: string; size: number }[];
  /** Bytes of the tarball. */
  size: number;
}

/** Packs what the build made, as `npm publish` would. */
export async function pack(folder: string): Promise<Packed> {
  const args = ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
  const told = JSON.parse(await succeed("npm", args, { cwd: ROOT })) as unknown;
  // A list, or from npm 12 on an object by names.
  const [packed] = Object.values(told as object) as [
    { filename: string; files: Packed["files"]; size: number },
  ];
  return { tarball: join(folder, packed.filename), files: packed.files, size: packed.size };
}

/** A folder of its own under the system's temporary one, where nothing of this project is found by looking upwards. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "mirubato-sync-packed-"));

  constructor() {
    this.write("package.json", JSON.stringify({ private: true, type: "module" }));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Installs from the registry, or from npm's cache of it, or a tarball. */
  async install(...what: string[]): Promise<void> {
    const args = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", ...what];
    await succeed("npm", args, { cwd: this.folder });
  }

  /** Takes a package that this project has installed, as if it had been installed here. */
  link(name: string): void {
    const target = join(this.folder, "node_modules", name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), target);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
