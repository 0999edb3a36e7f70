import { deliveryLong, deliverySituations, deliveryVariants } from "./delivery/situations.ts";
import { outboxLong, outboxSituations, outboxVariants } from "./outbox/situations.ts";
import { pullLong, pullSituations, pullVariants } from "./pull/situations.ts";
import type { Situation, Variant } from "./variant.ts";

/** Minutes rather than seconds. */
export const LONG: Situation[] = [...pullLong, ...deliveryLong, ...outboxLong];

export const SITUATIONS: Situation[] = [...pullSituations, ...deliverySituations, ...outboxSituations];

export const VARIANTS: Variant[] = [...pullVariants, ...deliveryVariants, ...outboxVariants];
