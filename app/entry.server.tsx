// Renders pages on the server as a stream and gives each the headers that an embedded app needs.
import { PassThrough } from "node:stream";

import { createReadableStreamFromReadable, type ActionFunctionArgs, type EntryContext, type LoaderFunctionArgs } from "@remix-run/node";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";

import { composition } from "./composition.server.ts";
import { addDocumentResponseHeaders } from "./shopify.server.ts";

/** Remix ends its data streams after this; a page that waits longer is finished without what is missing. */
export const streamTimeout = 5_000;
/** A moment longer than the data streams, so that their refusals can still be rendered. */
const RENDER_TIMEOUT_MS = streamTimeout + 1_000;

export default function handleRequest(request: Request, status: number, headers: Headers, remixContext: EntryContext): Promise<Response> {
  addDocumentResponseHeaders(request, headers);
  headers.set("Content-Type", "text/html; charset=utf-8");
  // Bots get the finished page, people the first part as soon as it stands.
  const ready = isbot(request.headers.get("user-agent") ?? "") ? "onAllReady" : "onShellReady";
  return new Promise((resolve, reject) => {
    let responseStatus = status;
    let body: PassThrough | null = null;
    const { pipe, abort } = renderToPipeableStream(<RemixServer context={remixContext} url={request.url} />, {
      [ready]: () => {
        body = new PassThrough();
        resolve(new Response(createReadableStreamFromReadable(body), { headers, status: responseStatus }));
        pipe(body);
      },
      onShellError: reject,
      onError(error: unknown) {
        responseStatus = 500;
        // Errors before the shell reject the promise and are logged as the request's; that nobody reads on is no error.
        if (body !== null && !body.destroyed && !request.signal.aborted) logError(error, request);
      },
    });
    setTimeout(abort, RENDER_TIMEOUT_MS).unref();
  });
}

/** Whatever a loader, an action or a page threw that is not an answer. */
export function handleError(error: unknown, { request }: LoaderFunctionArgs | ActionFunctionArgs): void {
  // An address that no page has, or a method that it does not take, is the caller's mistake: scanners would fill the log with them.
  const isCallers = isRouteErrorResponse(error) && error.status < 500;
  if (!isCallers && !request.signal.aborted) logError(error, request);
}

function logError(error: unknown, request: Request): void {
  // The query string of embedded pages carries the session token.
  composition().logger.error({ err: error, method: request.method, path: new URL(request.url).pathname }, "a page or request failed");
}
