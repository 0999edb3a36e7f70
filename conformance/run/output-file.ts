import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { CouldNotRun } from "../verdict.ts";
import { UsageError } from "./select.ts";

/**
 * Before the work, for after it there would be something to write and nowhere to put it. Makes the file's folder.
 * @param option for the error: `--report`
 * @throws UsageError where the file cannot be written
 */
export function requireWritable(file: string, option: string): void {
  try {
    makeFolder(dirname(file));
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error("it is a folder");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option}: ${file} can't be written (${code ?? message}); name another file`);
  }
}

/** Writes a file as a whole or not at all. @throws CouldNotRun saying what (`the report`) could not be written, and why */
export function writeWhole(file: string, text: string, what: string): void {
  // What a link points to is replaced, not the link; a device or a pipe is written to, not replaced.
  const target = existsSync(file) ? realpathSync(file) : file;
  const partial = `${target}.${process.pid}.partial`;
  try {
    if (existsSync(target) && !statSync(target).isFile()) return writeFileSync(target, text);
    writeFileSync(partial, text);
    renameSync(partial, target);
  } catch (error) {
    if (existsSync(partial)) rmSync(partial);
    throw new CouldNotRun(`${what} could not be written: ${(error as Error).message}`);
  }
}

/** Step by step: where a system refuses (/proc), Node's own recursion never ends. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file`);
    return;
  }
  makeFolder(dirname(folder));
  mkdirSync(folder);
}
