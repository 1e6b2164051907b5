// Goal: a worker that dies anywhere in a comparison leaves it to the next, which begins no operation twice and finds each mismatch once. Method: chain.ts.
import { SCAN_CHAIN } from "./scan-chain.ts";
import { strikeChain } from "./strike-chain.ts";

strikeChain(SCAN_CHAIN);
