import { expectNothingWrong } from "../expect-nothing-wrong.ts";
import { outboxSituations } from "./situations.ts";

expectNothingWrong(outboxSituations);
