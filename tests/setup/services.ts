// Vitest's global setup: PostgreSQL and Redis for the tests, and one migrated database that every test clones.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import process from "node:process";
import { Client } from "pg";
import { deployMigrations, generateClient } from "#dev/services/prisma.ts";
import { startPostgres } from "#dev/services/postgres.ts";
import { startRedis } from "#dev/services/redis.ts";
import { findScratchFolder } from "#dev/services/scratch-folder.ts";
import { ensureAdminSchema } from "#dev/services/admin-schema.ts";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Administrator's address: test databases are made through it. */
    databaseUrl: string;
    /** Migrated once, never written to: `createTestDatabase` clones it. */
    templateDatabase: string;
    redisUrl: string;
    adminSchemaPath: string;
  }
}

export type TestServices = { databaseUrl: string; templateDatabase: string; redisUrl: string; adminSchemaPath: string };

/** Names under which dev/test.ts hands over what it already started, so that two projects do not start everything twice. */
export const handedOver = {
  databaseUrl: "HOLDFAST_TEST_DATABASE_URL",
  templateDatabase: "HOLDFAST_TEST_TEMPLATE",
  redisUrl: "HOLDFAST_TEST_REDIS_URL",
} as const;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const adminSchemaPath = await ensureAdminSchema();
    const services = { adminSchemaPath, ...(await findServices(stops)) };
    project.provide("databaseUrl", services.databaseUrl);
    project.provide("templateDatabase", services.templateDatabase);
    project.provide("redisUrl", services.redisUrl);
    project.provide("adminSchemaPath", services.adminSchemaPath);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
  return async () => await stopAll(stops);
}

async function findServices(stops: (() => Promise<void>)[]): Promise<Omit<TestServices, "adminSchemaPath">> {
  const [databaseUrl, templateDatabase, redisUrl] = [process.env[handedOver.databaseUrl], process.env[handedOver.templateDatabase], process.env[handedOver.redisUrl]];
  if (databaseUrl !== undefined && templateDatabase !== undefined && redisUrl !== undefined) return { databaseUrl, templateDatabase, redisUrl };

  const folder = await findScratchFolder(join(tmpdir(), `holdfast-test-${process.pid}-${randomBytes(3).toString("hex")}`));
  stops.push(async () => await rm(folder, { recursive: true, force: true }));
  const postgres = given("DATABASE_URL") ?? (await own(stops, startPostgres({ folder: join(folder, "postgres"), durability: "fast" })));
  const redis = given("REDIS_URL") ?? (await own(stops, startRedis({ folder: join(folder, "redis"), settings: testRedisSettings })));
  await generateClient();
  const template = await makeTemplateDatabase(postgres);
  stops.push(template.drop);
  return { databaseUrl: postgres, templateDatabase: template.name, redisUrl: redis };
}

/** Each test file takes a database number of its own. */
export const testRedisSettings = ["--databases", "1024"];

export async function makeTemplateDatabase(databaseUrl: string): Promise<{ name: string; drop: () => Promise<void> }> {
  const name = `holdfast_template_${process.pid}_${randomBytes(3).toString("hex")}`;
  await administer(databaseUrl, `CREATE DATABASE "${name}"`);
  const drop = async () => await administer(databaseUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  try {
    await deployMigrations(addressOf(databaseUrl, name));
  } catch (error) {
    await drop();
    throw error;
  }
  return { name, drop };
}

export function addressOf(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(databaseUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function given(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === "" ? undefined : value;
}

async function own(stops: (() => Promise<void>)[], starting: Promise<{ url: string; stop: () => Promise<void> }>): Promise<string> {
  const server = await starting;
  stops.push(server.stop);
  return server.url;
}

async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
}
