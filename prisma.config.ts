// Prisma's CLI configuration: the JavaScript engine and a driver adapter, so that no native engine has to be downloaded.
import process from "node:process";
import { defineConfig } from "prisma/config";
import { CatalogPrismaPg } from "./prisma/driver-adapter.ts";

// Else the CLI looks for the native query engine, which closed networks cannot fetch; a machine that has it may say so.
process.env.PRISMA_CLIENT_ENGINE_TYPE ??= "client";

// The CLI reads the schema's env("DATABASE_URL") even to generate, where no database is asked; a missing one must not stop that.
const databaseUrl = process.env.DATABASE_URL;
process.env.DATABASE_URL ??= "postgresql://not-set.invalid/holdfast";

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  experimental: { adapter: true },
  engine: "js",
  // Read when a command needs the database: `generate` runs without one.
  adapter: async () => new CatalogPrismaPg(databaseUrl),
});
