// Requests that are no proper HTTP: what only somebody with a socket in hand sends.
import type { SeededRandom } from "#tests/setup/seeded-random.ts";
import type { HostileRequest } from "./hostile-requests.ts";
import { hostileText } from "./hostile-values.ts";

type Wire = (target: string, host: string, random: SeededRandom) => string;

const HEADERS_MANY = 1_500;
const HEADER_LONG = 20_000;

const WIRES: Readonly<Record<string, Wire>> = {
  "no request line": () => "\r\n\r\n\r\n",
  "noise": (_target, _host, random) => hostileText(random) + hostileText(random),
  "another protocol": () => "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
  "HTTP/0.9": (target) => `GET ${target}\r\n`,
  "HTTP/1.0 without a host": (target) => `GET ${target} HTTP/1.0\r\n\r\n`,
  "HTTP/2 preface": () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "no host": (target) => `GET ${target} HTTP/1.1\r\n\r\n`,
  "two hosts": (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
  "a host that is none": (target, _host, random) => `GET ${target} HTTP/1.1\r\nHost: ${random.pick(["a b", "evil.example:99999", "[::1", "@", "evil.example/..", "", "\u00ff\u00fe"])}\r\nConnection: close\r\n\r\n`,
  "a whole address": (target) => `GET http://evil.example${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
  "an address of another host": (target, host) => `GET //evil.example${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  "a star": (_target, host) => `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  "CONNECT": (_target, host) => `CONNECT evil.example:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  "an upgrade": (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  "two lengths": (_target, host) => `POST /webhooks HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
  "length and chunks": (_target, host) => `POST /webhooks HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  "chunks of another kind": (_target, host) => `POST /webhooks HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  "a chunk that lies": (_target, host, random) => `POST /auth/login HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n${random.pick(["ffffffffffffffff", "-1", "zz", "5;ext=\u0000", "3"])}\r\nabcdef\r\n0\r\n\r\n`,
  "a length that lies": (_target, host) => `POST /webhooks HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000\r\n\r\n{"id": 1`,
  "a length that is none": (_target, host, random) => `POST /webhooks HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${random.pick(["-1", "1e3", "0x10", "99999999999999999999", " "])}\r\n\r\nabc`,
  "a body too large": (_target, host, random) => `POST ${random.pick(["/webhooks", "/auth/login", "/api/v1/reservations", "/app/settings/transfer"])} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 50000000\r\nConnection: close\r\n\r\nabc`,
  "a folded header": (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nX-A: a\r\n b\r\nConnection: close\r\n\r\n`,
  "a header with a NUL": (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nX-A: a\u0000b\r\n\r\n`,
  "a header without a name": (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n: x\r\n\r\n`,
  "line feeds only": (target, host) => `GET ${target} HTTP/1.1\nHost: ${host}\nConnection: close\n\n`,
  "a long header": (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nX-A: ${"a".repeat(HEADER_LONG)}\r\n\r\n`,
  "many headers": (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${"A: b\r\n".repeat(HEADERS_MANY)}Connection: close\r\n\r\n`,
  "a long address": (_target, host) => `GET /${"a/".repeat(HEADER_LONG / 2)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  "expects to go on": (_target, host) => `POST /webhooks HTTP/1.1\r\nHost: ${host}\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
  "expects something else": (_target, host) => `POST /webhooks HTTP/1.1\r\nHost: ${host}\r\nExpect: cake\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
  "several at once": (target, host) => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\nGET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\nGARBAGE\r\n\r\n`,
  "headers twice": (_target, host) => `POST /webhooks HTTP/1.1\r\nHost: ${host}\r\nX-Shopify-Topic: orders/create\r\nX-Shopify-Topic: app/uninstalled\r\nX-Shopify-Shop-Domain: a.myshopify.com\r\nX-Shopify-Shop-Domain: b.myshopify.com\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
};

export function oddWire(random: SeededRandom, target: string, host: string): HostileRequest {
  const name = random.pick(Object.keys(WIRES));
  const wire = WIRES[name]?.(target, host, random) ?? "";
  return { kind: `wire: ${name}`, bytes: Buffer.from(wire, "latin1"), isWhole: false };
}
