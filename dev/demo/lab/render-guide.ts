// Shows the guide to races as a page of the lab: as much of Markdown as that file uses, and nothing else.
import { escaped } from "./lab-picture.ts";

/** Headings get the anchors that GitHub gives them. Links into the repository become plain text: the lab serves no other documents. */
export function renderGuide(markdown: string): string {
  return markdown.trim().split(/\n{2,}/).flatMap((block) => blocksOf(block)).join("\n");
}

export function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

/** A heading or a table may follow, or be followed by, text without an empty line between. */
function blocksOf(block: string): string[] {
  const made: string[] = [];
  const text: string[] = [];
  const table: string[] = [];
  const flush = () => {
    if (text.length > 0) made.push(`<p>${inline(text.splice(0).join(" "))}</p>`);
    if (table.length > 0) made.push(tableOf(table.splice(0)));
  };
  for (const line of block.split("\n")) {
    const heading = /^(#{1,3}) (.*)$/.exec(line);
    if (heading !== null || line.startsWith("|") !== table.length > 0) flush();
    if (heading !== null) made.push(`<h${heading[1]?.length ?? 2} id="${anchorOf(heading[2] ?? "")}">${inline(heading[2] ?? "")}</h${heading[1]?.length ?? 2}>`);
    else if (line.startsWith("|")) table.push(line);
    else text.push(line);
  }
  flush();
  return made;
}

function tableOf([head = "", , ...rows]: string[]): string {
  const heads = cells(head).map((cell) => (cell === "" ? "<td></td>" : `<th scope="col">${cell}</th>`));
  const body = rows.map((row) => `<tr>${cells(row).map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
  const name = cells(head).filter((cell) => cell !== "").join(", ").replaceAll(/<[^>]*>/g, "");
  return `<div class="wide" tabindex="0" role="group" aria-label="Table: ${name}"><table><thead><tr>${heads.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function cells(row: string): string[] {
  return row.slice(1, row.lastIndexOf("|")).split("|").map((cell) => inline(cell.trim()));
}

function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith("`") && part.length > 1 ? `<code>${escaped(part.slice(1, -1))}</code>` : prose(part)))
    .join("");
}

function prose(text: string): string {
  return escaped(text)
    .replaceAll(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, words: string, target: string) => (target.startsWith("https://") ? `<a href="${target}" rel="noopener">${words}</a>` : words))
    .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replaceAll(/\*([^*]+)\*/g, "<em>$1</em>");
}
