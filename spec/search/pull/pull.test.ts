import { expectNothingWrong } from "../expect-nothing-wrong.ts";
import { pullSituations } from "./situations.ts";

expectNothingWrong(pullSituations);
