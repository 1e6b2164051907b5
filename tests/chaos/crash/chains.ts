// Every chain of deaths, for the tests that strike them and the list that tells of them.
import { ALERT_CHAIN } from "./alert-chain.ts";
import { DETECTION_CHAIN } from "./detection-chain.ts";
import { PUSH_CHAIN } from "./push-chain.ts";
import { SCAN_CHAIN } from "./scan-chain.ts";
import { SETTLE_CHAIN } from "./settle-chain.ts";

export const CHAINS = [DETECTION_CHAIN, SCAN_CHAIN, ALERT_CHAIN, PUSH_CHAIN, SETTLE_CHAIN] as const;
