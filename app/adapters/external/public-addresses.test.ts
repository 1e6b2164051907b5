import type { LookupAddress, LookupOptions } from "node:dns";
import { describe, expect, it } from "vitest";

import { ADDRESS_REFUSED, isPublicAddress, literalAddress, publicLookup } from "./public-addresses.ts";

describe("an address", () => {
  it.each(["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::200e"])("%s is public", (address) => expect(isPublicAddress(address)).toBe(true));
  it.each([
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1", "nonsense", "",
  ])("%s is not", (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([["https://127.1/x", "127.0.0.1"], ["https://0x7f000001/", "127.0.0.1"], ["https://2130706433/", "127.0.0.1"], ["https://[::1]:8443/", "::1"], ["https://example.com/", null]])(
    "in %s is read as the connection would read it",
    (url, address) => expect(literalAddress(new URL(url))).toBe(address),
  );
});

describe("the look-up of a name", () => {
  const look = (addresses: readonly string[], all: boolean) =>
    new Promise<{ code: string | null; found: unknown }>((done) => {
      const answers = addresses.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 }));
      const system = (_name: string, _options: LookupOptions, answer: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void) => answer(null, answers);
      publicLookup(system as Parameters<typeof publicLookup>[0])("stock.example", { all }, (error, found) => done({ code: error?.code ?? null, found }));
    });

  it("answers public addresses", async () => {
    expect(await look(["8.8.8.8"], false)).toEqual({ code: null, found: "8.8.8.8" });
    expect(await look(["8.8.8.8"], true)).toEqual({ code: null, found: [{ address: "8.8.8.8", family: 4 }] });
  });

  it("refuses a name that leads to any address that is not, or to none", async () => {
    expect((await look(["8.8.8.8", "169.254.169.254"], true)).code).toBe(ADDRESS_REFUSED);
    expect((await look(["10.0.0.1"], false)).code).toBe(ADDRESS_REFUSED);
    expect((await look([], true)).code).toBe(ADDRESS_REFUSED);
  });
});
