// A recording of webhooks: one JSON object a line, with the headers and the body as they arrived.
import { z } from "zod";
import { RequestError } from "../http/router.ts";

const recordedRequest = z
  .object({
    /** When it arrived, ISO 8601; gaps between requests are taken from it. Left out: all at once. */
    receivedAt: z.iso.datetime({ offset: true }).optional(),
    /** Names in any case. */
    headers: z.record(z.string(), z.string()),
    /** The body's text, byte for byte. */
    body: z.string().optional(),
    /** For bodies that are no text. */
    bodyBase64: z.string().optional(),
  })
  .refine(({ body, bodyBase64 }) => (body === undefined) !== (bodyBase64 === undefined), "has either body or bodyBase64");

export type RecordedRequest = z.output<typeof recordedRequest>;

export const recordedRequests = z.array(recordedRequest).max(100_000);

/** Empty lines are passed over; a line that cannot be read is refused by its number, and then nothing is sent. */
export function readRecording(text: string): RecordedRequest[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const checked = recordedRequest.safeParse(parse(line));
    if (!checked.success) throw new RequestError(422, "invalid_recording", `line ${index + 1}: ${checked.error.issues[0]?.message ?? "is no recorded request"}`);
    return [checked.data];
  });
}

export function writeRecording(requests: readonly RecordedRequest[]): string {
  return requests.map((request) => `${JSON.stringify(request)}\n`).join("");
}

export function bytesOf({ body, bodyBase64 }: RecordedRequest): Buffer {
  return bodyBase64 === undefined ? Buffer.from(body ?? "") : Buffer.from(bodyBase64, "base64");
}

export function headerOf({ headers }: RecordedRequest, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(headers).find(([given]) => given.toLowerCase() === wanted)?.[1];
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
