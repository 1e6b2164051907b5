// Inside every process, around the ledger: tells which attempt each decision was made for. The database says which was the newest then.
import type { ChangeLedger } from "#app/ports/change-ledger.ts";
import type { DecoratePort, SteppedPorts } from "#app/steps.ts";
import { say } from "./say.ts";

export const watchDecisions: DecoratePort = <Name extends keyof SteppedPorts>(name: Name, port: SteppedPorts[Name]): SteppedPorts[Name] => {
  if (name !== "ledger") return port;
  const ledger = port as ChangeLedger;
  const watched: ChangeLedger = {
    ...ledger,
    async recordRefused(...parameters) {
      const record = await ledger.recordRefused(...parameters);
      const [{ mutationId, attemptNumber }] = parameters;
      if (record.kind !== "lost") say({ report: "decided", mutationId, attempt: attemptNumber, as: record.kind });
      return record;
    },
    async postpone(...parameters) {
      const outcome = await ledger.postpone(...parameters);
      const [{ mutationId, attemptNumber }] = parameters;
      if (outcome !== "lost") say({ report: "decided", mutationId, attempt: attemptNumber, as: outcome });
      return outcome;
    },
  };
  return watched as SteppedPorts[Name];
};
