// The check of links: every relative one leads to a file or folder that is there, every anchor to a heading.
import { type Document, resolveFrom } from "./read-documents.ts";

export function faultsOfLinks(documents: readonly Document[], tree: ReadonlySet<string>): string[] {
  const byPath = new Map(documents.map((document) => [document.path, document]));
  return documents.flatMap((document) =>
    document.links.flatMap(({ text: href, line }) => {
      const fault = faultOf(href, document, byPath, tree);
      return fault === null ? [] : [`${document.path}:${line} ${href} ${fault}`];
    }),
  );
}

function faultOf(href: string, from: Document, documents: ReadonlyMap<string, Document>, tree: ReadonlySet<string>): string | null {
  if (/^[a-z][a-z+.-]*:/i.test(href)) return /^(https:\/\/[^/]+\.[a-z]+(\/|$)|mailto:)/.test(href) ? null : "is no https address of a public host";
  const [address = "", anchor] = href.split("#");
  const path = address === "" ? from.path : resolveFrom(from.path, address);
  if (path === null) return "leads out of the repository";
  if (path !== "." && path !== from.path && !tree.has(path)) return "leads nowhere";
  if (anchor === undefined) return null;
  const target = path === from.path ? from : documents.get(path);
  if (target === undefined) return "has an anchor, and leads to no document";
  return target.anchors.has(anchor) ? null : "names a heading that there is not";
}

/** Documents under `folder` that the list does not lead to; a link to a folder leads to what is in it. */
export function unlisted(list: Document, documents: readonly Document[], folder: string): string[] {
  const led = new Set(list.links.flatMap(({ text }) => resolveFrom(list.path, text.split("#", 1)[0] ?? "") ?? []));
  return documents.map(({ path }) => path).filter((path) => path.startsWith(folder) && path !== list.path && !led.has(path) && !led.has(path.replace(/\/[^/]+$/, "")));
}
