// HTTP: /readyz for operators' tools.
import type { LoaderFunctionArgs } from "@remix-run/node";

import { answerOperation } from "#app/adapters/telemetry/operation-endpoints.server.ts";
import { composition } from "#app/composition.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const answer = await answerOperation(composition(), { path: "/readyz", authorization: request.headers.get("authorization"), needsRedis: false });
  return new Response(answer.body, { status: answer.status, headers: { "Content-Type": answer.contentType } });
}
