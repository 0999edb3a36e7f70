/** What a page can do beyond being read: colours, copying, search. It is read as well without. */
import { offerColours } from "./colours.ts";
import { offerCopying } from "./copying.ts";
import { openTarget } from "./opening.ts";
import { offerSearch } from "./searching.ts";

offerColours();
offerCopying();
offerSearch();
openTarget();
