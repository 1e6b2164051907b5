// Goal: a worker that dies anywhere while changes are pushed leaves none untold, none told twice, and their order as it was. Method: chain.ts.
import { PUSH_CHAIN } from "./push-chain.ts";
import { strikeChain } from "./strike-chain.ts";

strikeChain(PUSH_CHAIN);
