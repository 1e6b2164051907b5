// Goal: a worker that dies anywhere while stock is judged opens each incident once and holds a fulfilment once. Method: chain.ts.
import { DETECTION_CHAIN } from "./detection-chain.ts";
import { strikeChain } from "./strike-chain.ts";

strikeChain(DETECTION_CHAIN);
