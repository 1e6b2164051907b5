// Which network addresses a merchant's URL may lead to: public ones only, so that no shop can have Holdfast knock at its operator's own doors.

import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

export const ADDRESS_REFUSED = "HOLDFAST_ADDRESS_REFUSED";

/** What is not the public internet, by IANA's special-purpose registries (RFC 6890 and its updates). */
const IPV4_RANGES: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12], ["192.0.0.0", 24], ["192.0.2.0", 24],
  ["192.31.196.0", 24], ["192.52.193.0", 24], ["192.88.99.0", 24], ["192.168.0.0", 16], ["192.175.48.0", 24], ["198.18.0.0", 15], ["198.51.100.0", 24],
  ["203.0.113.0", 24], ["224.0.0.0", 4], ["240.0.0.0", 4],
];
/** Of IPv6 only 2000::/3 is handed out; within it these are set aside, some because they carry an IPv4 address inside. */
const IPV6_RANGES: readonly (readonly [string, number])[] = [["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["2620:4f:8000::", 48], ["3fff::", 20]];

const refused = new BlockList();
for (const [address, bits] of IPV4_RANGES) refused.addSubnet(address, bits, "ipv4");
for (const [address, bits] of IPV6_RANGES) refused.addSubnet(address, bits, "ipv6");
const unicast = new BlockList();
unicast.addSubnet("2000::", 3, "ipv6");

export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !refused.check(address, "ipv4");
  return family === 6 && unicast.check(address, "ipv6") && !refused.check(address, "ipv6");
}

export type AddressFault = "not_a_url" | "not_https" | "credentials_in_url" | "not_public";

/** Why an address that a merchant entered is not called, before its name is looked up; null: nothing speaks against it yet. */
export function faultOfAddress(text: string): AddressFault | null {
  if (!URL.canParse(text)) return "not_a_url";
  const url = new URL(text);
  if (url.protocol !== "https:") return "not_https";
  if (url.username !== "" || url.password !== "") return "credentials_in_url";
  const literal = literalAddress(url);
  return literal !== null && !isPublicAddress(literal) ? "not_public" : null;
}

/** An address written out in the URL is connected to without a look-up, so it is judged here; null: it is a name. */
export function literalAddress(url: URL): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? null : host;
}

/**
 * A look-up that answers public addresses only. It is the connection's own look-up: what was judged is what is connected to, so a name
 * that answers differently the second time gains nothing.
 */
export function publicLookup(lookup: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const found = error === null ? addresses.find(({ address }) => !isPublicAddress(address)) : undefined;
      if (error !== null || addresses.length === 0 || found !== undefined) {
        callback(found === undefined ? (error ?? refusal(hostname)) : refusal(hostname), "", 4);
        return;
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, addresses[0]?.address ?? "", addresses[0]?.family);
    });
  };
}

function refusal(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} leads to an address that is not public`), { code: ADDRESS_REFUSED });
}
