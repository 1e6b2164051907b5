// Bodies within the limit, with every digit of their ids.
import { describe, expect, it } from "vitest";

import { BODY_BYTES_MAX, parseLosslessly, readJsonBody } from "./read-json-body.ts";

const put = (body: BodyInit, headers: Record<string, string> = {}) => new Request("http://app/api/v1/settings", { method: "PUT", body, headers });
const text = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
const encode = (plain: string) => new TextEncoder().encode(plain);

describe("readJsonBody", () => {
  it("keeps the digits of an id beyond 2^53", () => {
    expect(parseLosslessly('{"a":271878346596884015,"b":1.5,"c":9007199254740991,"d":"x","e":1e400}')).toEqual({ a: "271878346596884015", b: 1.5, c: 9007199254740991, d: "x", e: Infinity });
  });

  it("takes a body of exactly the limit and refuses one byte more", async () => {
    expect((await readJsonBody(put(text(BODY_BYTES_MAX)))).kind).toBe("json");
    expect((await readJsonBody(put(text(BODY_BYTES_MAX + 1)))).kind).toBe("too_large");
  });

  it("takes no bytes for what the caller says they stand for, also when they come as a stream that ends at once", async () => {
    const nothing = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
    const streamed = new Request("http://app/", { method: "POST", body: nothing, duplex: "half" } as RequestInit);
    expect(await readJsonBody(streamed, BODY_BYTES_MAX, {})).toEqual({ kind: "json", value: {} });
    expect(await readJsonBody(new Request("http://app/", { method: "POST" }), BODY_BYTES_MAX, {})).toEqual({ kind: "json", value: {} });
    expect((await readJsonBody(put(""))).kind).toBe("invalid_json");
  });

  it("counts the bytes of a body that does not declare its length", async () => {
    let sentCount = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sentCount += 1;
        controller.enqueue(new Uint8Array(16 * 1024).fill(32));
      },
    });
    const request = new Request("http://app/", { method: "PUT", body: endless, duplex: "half" } as RequestInit);
    expect((await readJsonBody(request)).kind).toBe("too_large");
    expect(sentCount).toBeLessThan(10);
  });

  it.each([["", "nothing"], ["{", "half an object"], ["{'a':1}", "what is not JSON"], [`${"[".repeat(30_000)}`, "deep nesting"]])("refuses %s", async (body) => {
    expect((await readJsonBody(put(body))).kind).toBe("invalid_json");
  });

  it("refuses nesting that is valid but deeper than the stack, without failing", async () => {
    const kind = (await readJsonBody(put("[".repeat(30_000) + "]".repeat(30_000)))).kind;
    expect(["json", "invalid_json"]).toContain(kind);
  });

  it("refuses bytes that are not UTF-8", async () => {
    const bytes = new Uint8Array([...encode('{"a":"'), 0xff, ...encode('"}')]);
    expect((await readJsonBody(put(bytes))).kind).toBe("invalid_json");
  });
});
