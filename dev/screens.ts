// `node dev/screens.ts`: takes a picture of every page, as a desk and as a phone shows it, into docs/screens. The pages are those of tests/setup/e2e/pages.ts.
import process from "node:process";
import { runCommand } from "./services/run-command.ts";
import { runTask } from "./services/run-task.ts";

await runTask(async () => {
  const { code } = await runCommand(process.execPath, ["dev/test.ts", "--project", "e2e", "tests/e2e/take-screens.ts"], { env: { TAKE_SCREENS: "1" }, output: "show" });
  return code;
});
