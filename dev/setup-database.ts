// `npm run setup`: generates the Prisma client and applies the migrations to DATABASE_URL. `-- --client-only` leaves the database alone.
import { existsSync } from "node:fs";
import process from "node:process";
import { deployMigrations, generateClient } from "./services/prisma.ts";
import { runTask } from "./services/run-task.ts";
import { say, SetupProblem } from "./services/say.ts";

await runTask(async () => {
  // As the app does: .env fills in what the environment does not say.
  if (existsSync(".env")) process.loadEnvFile(".env");
  await generateClient();
  // For an image: it is built where there is no database.
  if (process.argv.includes("--client-only")) return 0;
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === "") {
    throw new SetupProblem("DATABASE_URL is not set. Give it the address of your PostgreSQL, e.g. postgresql://user:password@localhost:5432/holdfast (see .env.example).");
  }
  await deployMigrations(url);
  say("the database has all migrations");
  return 0;
});
