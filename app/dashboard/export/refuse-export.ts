// The page for a download that may not be had: it stands in a tab of its own, outside the admin, so it says where to go back to. Pure.

export type ExportRefusal = "forged" | "late" | "ended" | "busy";

const REFUSALS: Readonly<Record<ExportRefusal, { readonly status: number; readonly title: string; readonly text: string }>> = {
  forged: { status: 403, title: "This download link is not valid", text: "Close this page, go back to Holdfast in your Shopify admin, and choose Export there." },
  late: { status: 403, title: "This download link has expired", text: "A link is good for one minute. Close this page, go back to Holdfast in your Shopify admin, and choose Export again." },
  ended: { status: 403, title: "Holdfast is not installed in this shop any more", text: "What it had recorded can be exported only while it is installed." },
  busy: { status: 429, title: "Another export of your shop is being made", text: "Wait until that download has ended, or cancel it in your browser. Then choose Export in Holdfast again." },
};

/** Fixed words only: nothing of the request is in it. */
export function refuseExport(refusal: ExportRefusal): Response {
  const { status, title, text } = REFUSALS[refusal];
  const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>body{font:1rem/1.5 -apple-system,"Segoe UI",Roboto,sans-serif;color:#303030;background:#f1f1f1;margin:0;padding:3rem 1rem}main{max-width:34rem;margin:0 auto;padding:1.5rem;background:#fff;border-radius:.75rem}h1{font-size:1.25rem;margin:0 0 .5rem}p{margin:0}</style></head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>
`;
  return new Response(page, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      ...(status === 429 ? { "Retry-After": "60" } : {}),
    },
  });
}
