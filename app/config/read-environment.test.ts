// Holds what a process accepts from its environment and what it tells a person when something is missing or wrong.
import { describe, expect, it } from "vitest";

import { readEnvironment } from "./read-environment.ts";

const COMPLETE = {
  DATABASE_URL: "postgresql://holdfast@127.0.0.1:5432/holdfast",
  REDIS_URL: "redis://127.0.0.1:6379",
  SHOPIFY_API_KEY: "key",
  SHOPIFY_API_SECRET: "very-secret",
  SHOPIFY_APP_URL: "https://holdfast.example",
  SCOPES: "read_orders,read_products",
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
};

function faultsOf(changes: Record<string, string | undefined>): readonly string[] {
  const reading = readEnvironment({ ...COMPLETE, ...changes });
  return reading.kind === "faulty" ? reading.faults : [];
}

function acceptedFrom(changes: Record<string, string | undefined>) {
  const reading = readEnvironment({ ...COMPLETE, ...changes });
  if (reading.kind === "faulty") throw new Error(reading.faults.join("; "));
  return reading.environment;
}

describe("the environment of a process", () => {
  it("is complete with the documented variables, the rest has defaults", () => {
    const environment = acceptedFrom({});
    expect(environment).toMatchObject({ production: false, port: 3000, workerPort: null, logLevel: "info", metricsToken: null });
    expect(environment.shopify).toMatchObject({ scopes: ["read_orders", "read_products"], originOverride: null, appBridgeUrl: null });
    expect(environment.encryptionKeys).toHaveLength(1);
  });

  it("names whom merchants may ask only where that was said, and takes no address that nobody can open", () => {
    expect(acceptedFrom({}).support).toEqual({ email: null, url: null });
    expect(acceptedFrom({ SUPPORT_EMAIL: "help@example.com", SUPPORT_URL: "https://example.com/help" }).support).toEqual({ email: "help@example.com", url: "https://example.com/help" });
    expect(faultsOf({ SUPPORT_EMAIL: "nobody", SUPPORT_URL: "javascript:alert(1)" })).toEqual([expect.stringMatching(/^SUPPORT_EMAIL is wrong/), expect.stringMatching(/^SUPPORT_URL is wrong/)]);
  });

  it.each(["DATABASE_URL", "REDIS_URL", "SHOPIFY_API_KEY", "SHOPIFY_API_SECRET", "SHOPIFY_APP_URL", "ENCRYPTION_KEY"])(
    "without %s gives exactly one line that names it and says how to get it",
    (name) => {
      const faults = faultsOf({ [name]: undefined });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(new RegExp(`^${name} is missing: .{20,}`));
      expect(faults[0]).not.toContain("\n");
      expect(faultsOf({ [name]: "  " })).toEqual(faults);
    },
  );

  it.each([
    ["DATABASE_URL", "mysql://localhost/x"],
    ["REDIS_URL", "localhost:6379"],
    ["LOCK_REDIS_URLS", "redis://a:6379,redis://b:6379"],
    ["LOCK_REDIS_URLS", "redis://a,redis://b,redis://c,redis://d"],
    ["LOCK_REDIS_URLS", "redis://a,redis://b,c:6379"],
    ["LOCK_REDIS_URLS", "redis://a,redis://b,redis://:secret@a:6379/1"],
    ["SHOPIFY_APP_URL", "holdfast.example"],
    ["SHOPIFY_ORIGIN_OVERRIDE", "http://127.0.0.1:4000/path"],
    ["ENCRYPTION_KEY", Buffer.alloc(16).toString("base64")],
    ["ENCRYPTION_KEY_PREVIOUS", "short"],
    ["PORT", "0"],
    ["PORT", "http"],
    ["WORKER_PORT", "70000"],
    ["LOG_LEVEL", "loud"],
    ["API_RATE_LIMIT", "-1"],
    ["DRAIN_SECONDS", "16"],
  ])("with a wrong %s says so", (name, value) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} is wrong \\(.+\\): .{20,}`));
  });

  it("never prints a secret", () => {
    const secret = Buffer.alloc(16, 3).toString("base64");
    expect(faultsOf({ ENCRYPTION_KEY: secret }).join()).not.toContain(secret);
  });

  it("names every fault at once", () => {
    expect(faultsOf({ DATABASE_URL: undefined, PORT: "x", ENCRYPTION_KEY: "x" })).toHaveLength(3);
  });

  it.each(["HOST", "APP_URL"])("takes the app's address from %s, as `shopify app dev` passes it", (name) => {
    expect(acceptedFrom({ SHOPIFY_APP_URL: undefined, [name]: "https://tunnel.example/" }).shopify.appUrl).toBe("https://tunnel.example");
  });

  it("does not mistake a machine's name in HOST for the app's address", () => {
    expect(acceptedFrom({ SHOPIFY_APP_URL: undefined, HOST: "laptop", APP_URL: "https://tunnel.example" }).shopify.appUrl).toBe("https://tunnel.example");
  });

  it("refuses to send tokens to another origin in production unless that was allowed explicitly", () => {
    const override = { SHOPIFY_ORIGIN_OVERRIDE: "http://127.0.0.1:4000" };
    expect(acceptedFrom(override).shopify.originOverride).toBe("http://127.0.0.1:4000");
    expect(faultsOf({ ...override, NODE_ENV: "production" })).toEqual([expect.stringContaining("SHOPIFY_ORIGIN_OVERRIDE is refused in production")]);
    expect(acceptedFrom({ ...override, NODE_ENV: "production", ALLOW_ORIGIN_OVERRIDE: "1" }).shopify.originOverride).toBe("http://127.0.0.1:4000");
  });

  it("keeps a replaced encryption key for reading only, behind the present one", () => {
    const keys = acceptedFrom({ ENCRYPTION_KEY_PREVIOUS: Buffer.alloc(32, 9).toString("base64") }).encryptionKeys;
    expect(keys.map((key) => key[0])).toEqual([7, 9]);
  });
});
