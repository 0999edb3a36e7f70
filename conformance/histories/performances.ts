import type { ServerContext } from "../check.ts";
import { CheckFailure, CouldNotRun } from "../verdict.ts";
import { judge } from "./checker/judge.ts";
import type { Violation } from "./checker/words.ts";
import { play } from "./play.ts";
import type { Schedule } from "./schedule.ts";
import { addSituations, situationsOf } from "./situations.ts";
import type { Situations } from "./situations.ts";
import { plan } from "./workload.ts";
import type { Kind } from "./workload.ts";

/** How many histories of each kind are played, unless told otherwise: the whole of them must fit into a quick run. */
const DEFAULT_COUNT = 4;
/** Those in which the server is upset come on top, and wait more than they work. */
const DEFAULT_UPSET_COUNT = { kill: 1, restart: 1, evict: 1, "fail-next-write": 1, "token-end": 1 } as const;
const AT_ONCE = 4;

/** One history that was played and judged. */
interface Performance {
  schedule: Schedule;
  violations: readonly Violation[];
}

/** What a run of histories came to. */
export interface Performances {
  played: readonly Performance[];
  situations: Situations;
  /** Why a history could not be played to its end. */
  broken?: unknown;
}

/** How many histories a run played to their end, and how often each situation arose in them. */
export interface Coverage {
  played: number;
  situations: Situations;
}

const SHARED_AS = "histories ";

/** Plays the histories of a kind once for all checks of a run: whichever comes first plays them. */
export function performances(context: ServerContext, kind: Kind): Promise<Performances> {
  const { shared } = context.theatre;
  const name = `${SHARED_AS}${kind.profile} ${kind.upset ?? ""}`;
  let playing = shared.get(name) as Promise<Performances> | undefined;
  if (!playing) shared.set(name, (playing = playAll(context, kind)));
  return playing;
}

/** What arose in all histories of a run that have been played; undefined where none was. */
export async function coverageOf(shared: ServerContext["theatre"]["shared"]): Promise<Coverage | undefined> {
  let all: Coverage = { played: 0, situations: {} };
  for (const [name, playing] of shared) {
    if (!name.startsWith(SHARED_AS)) continue;
    // What a run that was ended early still plays counts for nothing.
    const done = (await Promise.race([playing, Promise.resolve()])) as Performances | undefined;
    if (done)
      all = {
        played: all.played + done.played.length,
        situations: addSituations(all.situations, done.situations),
      };
  }
  return all.played > 0 ? all : undefined;
}

async function playAll(context: ServerContext, kind: Kind): Promise<Performances> {
  const { seed, count, durationMs = 0 } = context.theatre.histories;
  const least = count ?? (kind.upset ? DEFAULT_UPSET_COUNT[kind.upset] : DEFAULT_COUNT);
  const began = performance.now();
  const played: Performance[] = [];
  let situations: Situations = {};
  let broken: unknown;
  let next = 0;
  const wanted = (): boolean =>
    broken === undefined && (next < least || performance.now() - began < durationMs);
  const worker = async (): Promise<void> => {
    while (wanted()) {
      const schedule = plan(`${seed} ${(next += 1)}`, kind);
      try {
        const result = await playOnce(context, schedule, kind.upset !== undefined);
        played.push({ schedule, violations: result.violations });
        situations = addSituations(situations, result.situations);
      } catch (error) {
        broken ??= error;
      }
    }
  };
  // What takes the whole server down must not befall another history.
  await Promise.all(Array.from({ length: kind.upset ? 1 : AT_ONCE }, worker));
  return { played, situations, ...(broken === undefined ? {} : { broken }) };
}

/** Plays one schedule on a stage of its own, and judges what was seen. */
export async function playOnce(
  context: ServerContext,
  schedule: Schedule,
  controlled: boolean,
): Promise<{ violations: Violation[]; situations: Situations; transcript: CheckFailure["evidence"] }> {
  const stage = await context.theatre.open();
  try {
    const { device, stranger, now, tokens, limits, signal, unique } = stage.context;
    const control = controlled ? { control: context.control } : {};
    const history = await play(schedule, {
      device,
      stranger,
      now,
      tokens,
      limits,
      signal,
      unique,
      ...control,
    });
    stage.sockets.demandWellFormed();
    return {
      violations: judge(history),
      situations: situationsOf(history),
      transcript: { transcript: stage.transcript },
    };
  } catch (error) {
    if (error instanceof CheckFailure && !error.evidence) error.evidence = { transcript: stage.transcript };
    else if (error instanceof CouldNotRun)
      throw new CouldNotRun(`a history: ${error.message}`, { cause: error });
    throw error;
  } finally {
    await stage.sockets.endAll();
  }
}
