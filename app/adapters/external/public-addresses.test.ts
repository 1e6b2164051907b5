import type { LookupAddress, LookupOptions } from "node:dns";
import { connect, createServer, type AddressInfo, type LookupFunction } from "node:net";

import { describe, expect, it } from "vitest";

import { ADDRESS_REFUSED, faultOfAddress, isPublicAddress, literalAddress, publicLookup } from "./public-addresses.ts";

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

describe("a name that answers differently each time", () => {
  /** As an attacker's name server: a public address to whoever checks, the operator's own machine to whoever connects after the check. */
  function rebinding() {
    const asked: string[] = [];
    const lookup = (name: string, _options: LookupOptions, answer: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void) => {
      asked.push(name);
      answer(null, [{ address: asked.length === 1 ? "8.8.8.8" : "127.0.0.1", family: 4 }]);
    };
    return { asked, lookup: lookup as Parameters<typeof publicLookup>[0] };
  }

  const reach = (lookup: LookupFunction, port: number) =>
    new Promise<string>((done) => {
      const socket = connect({ host: "rebind.example", port, lookup, autoSelectFamily: false });
      socket.once("connect", () => done(`reached ${socket.remoteAddress}`)).once("error", (error: NodeJS.ErrnoException) => done(error.code ?? "failed"));
      socket.once("close", () => undefined);
      socket.unref();
    });

  it("reaches this machine when a check looks it up and the connection looks again, and does not when they are the same look-up", async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const checked = rebinding();
    const plain: LookupFunction = (name, options, callback) => checked.lookup?.(name, { ...options, all: true }, (error, found) => callback(error, found[0]?.address ?? "", found[0]?.family));
    // The check: public. Then the connection asks for itself.
    await new Promise<void>((done) => plain("rebind.example", {}, (_error, address) => (expect(isPublicAddress(String(address))).toBe(true), done())));
    expect(await reach(plain, port)).toBe("reached 127.0.0.1");

    const guarded = rebinding();
    guarded.lookup?.("rebind.example", { all: true }, () => undefined);
    expect(await reach(publicLookup(guarded.lookup), port)).toBe(ADDRESS_REFUSED);
    await new Promise((closed) => server.close(closed));
  });
});

describe("the addresses of a cloud's own services, however they are written", () => {
  it.each([
    "https://169.254.169.254/", "https://[::ffff:169.254.169.254]/", "https://[::ffff:a9fe:a9fe]/", "https://2852039166/", "https://0xa9fea9fe/", "https://0251.0376.0251.0376/", "https://169.254.43518/", "https://[fd00:ec2::254]/",
    "https://[64:ff9b::169.254.169.254]/", "https://0/", "https://127.1/", "https://[::]/", "https://100.100.100.200/", "https://192.168.0.1:8443/",
  ])("%s is refused before anything is looked up", (url) => expect(faultOfAddress(url)).toBe("not_public"));

  it.each(["https://localhost/", "https://localhost./", "https://metadata.google.internal/"])("%s is a name, and refused for where it leads", (url) => {
    expect(literalAddress(new URL(url))).toBeNull();
    expect(faultOfAddress(url)).toBeNull();
  });
});
