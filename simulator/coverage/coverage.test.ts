// The coverage page says what is so: it is what the generator writes from the list, the schema and the resolvers.
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { expect, it } from "vitest";
import { readFidelity } from "../fidelity/rules.ts";
import { loadAdminSchema } from "../graphql/schema.ts";
import { writeCoverage } from "./write-coverage.ts";

const PAGE = new URL("../COVERAGE.md", import.meta.url);

it("the coverage page is current (UPDATE_LISTS=1 writes it anew)", async () => {
  const { schema } = await loadAdminSchema(".cache/admin_2026-10.json");
  const page = writeCoverage(schema, readFidelity());
  if (process.env["UPDATE_LISTS"] === "1") writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, "utf8")).toBe(page);
}, 30_000);
