import { describe, expect, it } from "vitest";

import { createJsonLogger } from "./json-logger.server.ts";
import { redactSecrets } from "./redact-secrets.ts";

/** What may not be read in any line. */
const MARK = "Zq9secretZq9";
const API_TOKEN = `hf_${MARK.padEnd(43, "x")}`;
const SESSION_TOKEN = `eyJhbGciOiJIUzI1NiJ9.${MARK}.${MARK}`;

function logged(fields: Readonly<Record<string, unknown>>, message = "something failed"): string {
  const lines: string[] = [];
  createJsonLogger({ level: "debug", service: "web", destination: { write: (line) => void lines.push(line) } }).error(fields, message);
  return lines.join("");
}

describe("a secret in the log", () => {
  it.each<[string, Readonly<Record<string, unknown>>, string?]>([
    ["in a field", { accessToken: MARK }],
    ["deep in an object", { one: { two: { three: { refreshToken: MARK, headers: { authorization: MARK, "X-Shopify-Access-Token": MARK } } } } }],
    ["in the message", {}, `401 for Bearer ${MARK}`],
    ["in an error", { err: new Error(`POST https://x.myshopify.com/admin?access_token=${MARK}&a=1 failed`) }],
    ["in an error's cause's cause", { err: new Error("outer", { cause: new Error("middle", { cause: new Error(`used ${API_TOKEN}`) }) }) }],
    ["in a property of an error", { err: Object.assign(new Error("refused"), { config: { headers: { Authorization: `Bearer ${MARK}` } } }) }],
    ["in an answer within a message", { err: new Error(`answered ${JSON.stringify({ access_token: MARK, scope: "read_orders" })}`) }],
    ["in an embedded page's address", { path: `/app?embedded=1&id_token=${SESSION_TOKEN}&shop=x.myshopify.com` }],
    ["in a download's address", { url: `https://holdfast.example/exports/changes.csv?ticket=${MARK}.abc` }],
    ["by its own shape", { what: `${API_TOKEN} shpat_${MARK} shprt_${MARK} hfx_${MARK}${MARK} ${SESSION_TOKEN}` }],
    ["in a server's address", { err: new Error(`connect postgresql://holdfast:${MARK}@db.example:5432/holdfast`) }],
    ["in an alert's address", { target: `https://hooks.slack.com/services/T000/B000/${MARK}` }],
  ])("is not there %s", (_, fields, message) => {
    const line = logged(fields, message);
    expect(line).not.toContain(MARK);
    expect(line).toContain("[redacted]");
    expect(() => JSON.parse(line)).not.toThrow();
  });

  it("would be there without the net", () => {
    expect(JSON.stringify({ msg: `401 for Bearer ${MARK}` })).toContain(MARK);
    expect(redactSecrets(JSON.stringify({ msg: `401 for Bearer ${MARK}` }))).toBe('{"msg":"401 for Bearer [redacted]"}');
  });

  it("leaves alone what opens nothing", () => {
    const line = '{"tokenId":"9f0c","tokens":3,"shop":"x.myshopify.com","traceId":"0af7651916cd43dd8448eb211c80319c","webhookId":"b54557e4","path":"/app/history?order=%231001","msg":"the token was revoked"}';
    expect(redactSecrets(line)).toBe(line);
  });

  it("cannot end its line or begin another: line ends and control characters of strangers are escaped", () => {
    const line = logged({ title: 'Cup\n{"level":"fatal","msg":"forged"}\r\u001B[2J\u0000\u2028' }, "a\nb");
    expect(line.trimEnd().split(/[\r\n]/)).toHaveLength(1);
    expect([...line.trimEnd()].filter((character) => character < " ")).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({ level: "error", msg: "a\nb" });
  });
});
