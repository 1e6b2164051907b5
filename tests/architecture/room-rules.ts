// The arrows between rooms (docs/architecture.md): imports point one way. rooms.test.ts holds the code to them.

import type { IForbiddenRuleType } from "dependency-cruiser";

const only = (name: string, from: string, allowed: string, comment: string): IForbiddenRuleType => ({
  name,
  comment,
  severity: "error",
  from: { path: from, pathNot: "\\.test\\.tsx?$" },
  to: { path: "^(app|worker|web|cli|simulator|dev|bench|load|tests)/", pathNot: allowed },
});

export const ROOM_RULES: IForbiddenRuleType[] = [
  only("domain-is-pure", "^app/domain/", "^app/domain/", "The domain knows nothing but itself."),
  only("ports-know-the-domain", "^app/ports/", "^app/(domain|ports)/", "A port is an interface over domain types."),
  only("pipeline-knows-ports", "^app/pipeline/", "^app/(domain|ports|pipeline)/", "Stages reach the outside through ports only."),
  only("reservations-know-ports", "^app/reservations/", "^app/(domain|ports|reservations)/|^app/pipeline/(call-within-budget|gather-batches)\\.server\\.ts$", "Holds reach the outside through ports only, within the same budget as the pipeline."),
  only("review-knows-ports", "^app/review/", "^app/(domain|ports|review)/", "A person's acts reach the outside through ports only."),
  only("external-knows-ports", "^app/external/", "^app/(domain|ports|external)/", "The connector reaches the outside through ports only."),
  only("reconcile-knows-ports", "^app/reconcile/", "^app/(domain|ports|reconcile)/|^app/pipeline/call-within-budget\\.server\\.ts$", "A comparison with Shopify reaches the outside through ports only, within the same budget as the pipeline."),
  only("alerts-know-ports", "^app/alerts/", "^app/(domain|ports|alerts|dashboard/alert-terms\\.ts$)", "Alerts reach the outside through ports only; their words are the dashboard's."),
  only("detection-knows-ports", "^app/detection/", "^app/(domain|ports|detection)/|^app/pipeline/call-within-budget\\.server\\.ts$", "Detection reaches the outside through ports only, within the same budget as the pipeline."),
  only("adapters-implement-ports", "^app/adapters/", "^app/(domain|ports|adapters|config)/", "An adapter implements ports and knows no use case."),
  only("config-is-a-leaf", "^app/config/", "^app/(config|domain)/", "Configuration is read, not wired."),
  only("queries-know-ports", "^app/dashboard/queries/", "^app/(domain|ports|dashboard)/", "A read model needs the database port, nothing else."),
  only("blocks-are-told-what-pages-tell", "^app/extension-api/", "^app/(domain|ports|dashboard|api|extension-api)/", "What the blocks in the admin are told is put together from the dashboard's read models and words."),
  only("simulator-stands-alone", "^simulator/", "^simulator/", "The simulator and the verdict import nothing of the app."),
  only("load-comes-from-outside", "^load/", "^(load|simulator)/", "Load knows the app by its addresses only."),
  only("dev-knows-no-app", "^dev/(?!bench\\.ts$)", "^(dev|simulator|tests/setup)/", "Starting services and the demo use the app as its users do."),
  only("bench-starts-from-dev", "^dev/bench\\.ts$", "^(dev|bench)/", "The command hands over to the room of the benchmarks."),
  {
    name: "bench-is-loaded-late",
    comment: "Benchmarks are linked against the generated Prisma client, which a fresh clone has only after the command's first step.",
    severity: "error",
    from: { path: "^dev/bench\\.ts$" },
    to: { path: "^bench/", dynamic: false },
  },
  {
    name: "nobody-knows-bench",
    comment: "Benchmarks drive the house from outside; nothing of it leans on them.",
    severity: "error",
    from: { path: "^(app|worker|web|cli|simulator|dev)/", pathNot: "^dev/bench\\.ts$" },
    to: { path: "^bench/" },
  },
  {
      name: "domain-has-no-node",
      comment: "No I/O, no clock, no randomness.",
      severity: "error",
      from: { path: "^app/(domain|ports)/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core", "npm"] },
    },
  {
      name: "one-vendor-a-folder",
      comment: "Vendors are met in their adapter.",
      severity: "error",
      from: { path: "^app/(pipeline|review|reservations|alerts|external|domain|ports|dashboard/queries)/", pathNot: "\\.test\\.tsx?$" },
      to: { path: "node_modules/(@prisma|ioredis|bullmq|@shopify|pino|prom-client|undici|nodemailer|@opentelemetry)/" },
    },
  { name: "no-cycles", comment: "A cycle has no direction.", severity: "error", from: { path: "^(app|worker|web|cli|simulator|dev|bench)/" }, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
];
