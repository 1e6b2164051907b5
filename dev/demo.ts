// `npm run demo`: the whole of Holdfast against a simulated Shopify, for a person in a browser or, headless, for a verdict.
import process from "node:process";
import { newIdentity, readArguments, readManifest } from "./demo/demo-settings.ts";
import { runHeadless } from "./demo/headless.ts";
import { runInteractive } from "./demo/interactive.ts";
import { ensureAdminSchema } from "./services/admin-schema.ts";
import { runTask } from "./services/run-task.ts";

await runTask(async (shutdown) => {
  const args = readArguments(process.argv.slice(2));
  const root = process.cwd();
  const frame = { root, shutdown, identity: newIdentity(), manifest: await readManifest(root) };
  const schema = await ensureAdminSchema(root);
  return args.headless ? await runHeadless(frame, args, schema) : await runInteractive(frame, schema);
});
