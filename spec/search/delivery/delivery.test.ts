import { expectNothingWrong } from "../expect-nothing-wrong.ts";
import { deliverySituations } from "./situations.ts";

expectNothingWrong(deliverySituations);
