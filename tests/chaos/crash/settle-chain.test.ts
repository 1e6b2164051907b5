// Goal: a worker that dies anywhere while holds are settled and lost orders are looked for leaves no unit stranded and no order made twice. Method: chain.ts.
import { SETTLE_CHAIN } from "./settle-chain.ts";
import { strikeChain } from "./strike-chain.ts";

strikeChain(SETTLE_CHAIN);
