// Goal: a worker that dies anywhere while incidents are told loses no message, and tells none twice without saying so. Method: chain.ts.
import { ALERT_CHAIN } from "./alert-chain.ts";
import { strikeChain } from "./strike-chain.ts";

strikeChain(ALERT_CHAIN);
