// Goal: what the documents say can be followed as it stands: no link leads nowhere, no command, file, test or sample is of yesterday.
// Method: every Markdown file of the repository is parsed and held to the files, scripts, commands and routes that there are.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, describe, expect, it, vi } from "vitest";

import { faultsOfCommands } from "./check-commands.ts";
import { faultsOfLinks, unlisted } from "./check-links.ts";
import { faultsOfPaths, faultsOfTitles } from "./check-names.ts";
import { faultsOfSamples } from "./check-samples.ts";
import { gatherCommandFacts, operatorOf, type CommandFacts } from "./command-facts.ts";
import { type Document, readDocument, readDocuments, readTree, ROOT } from "./read-documents.ts";

/** Names in back-ticks that look like paths of ours and are somebody else's, each with whose. */
const ELSEWHERE = new Set<string>([]);

// A shell looks at every sample of its language.
vi.setConfig({ testTimeout: 60_000 });

const read = (path: string) => readFile(join(ROOT, path), "utf8");
let tree: ReadonlySet<string>;
let documents: readonly Document[];
let facts: CommandFacts;
beforeAll(async () => {
  tree = await readTree();
  [documents, facts] = await Promise.all([readDocuments(tree), gatherCommandFacts(tree)]);
}, 60_000);

/** A page that is not there, for what the checks must find. */
const page = (text: string) => [readDocument("docs/page.md", text)];

describe("links", () => {
  it("lead to files and headings that there are", () => {
    expect(documents.length).toBeGreaterThan(40);
    expect(faultsOfLinks(documents, tree)).toEqual([]);
  });

  it("lead from the list of documents to every document", () => {
    const list = documents.find(({ path }) => path === "docs/README.md");
    expect(list && unlisted(list, documents, "docs/")).toEqual([]);
  });

  it("are found when they lead nowhere", () => {
    const text = "# A b\n\n[x](missing.md) [y](#a-b) [z](#nowhere) [r](../README.md#no-such-heading) [o](../../etc) [h](http://localhost:3000)\n";
    expect(faultsOfLinks([...documents, ...page(text)], tree).map((fault) => fault.split(" ")[1])).toEqual(["missing.md", "#nowhere", "../README.md#no-such-heading", "../../etc", "http://localhost:3000"]);
  });
});

describe("commands", () => {
  it("name scripts, commands, flags, files and addresses that there are", async () => {
    expect(facts.operator.size).toBeGreaterThan(30);
    expect(await faultsOfCommands(documents, facts)).toEqual([]);
  });

  it.each([
    ["npm run nothing", "there is no script nothing"],
    ["cd simulator; npm run setup", "there is no script setup"],
    ["npm run holdfast -- parked mend --shop S", "the operator's command has no parked mend"],
    ["npm run holdfast -- token list --shop S --since X", "token list takes no --since"],
    ["npm run bench -- sprint", "there is no benchmark sprint"],
    ["npm run bench -- detection --fast", "detection takes no --fast"],
    ["npm run demo -- --headless --quick", "takes no --quick"],
    ["node dev/nothing.ts", "there is no dev/nothing.ts"],
    ["npx tool-that-is-not-there", "tool-that-is-not-there is not installed with the project"],
    ["curl -s $APP/api/v1/everything", "nobody answers /api/v1/everything"],
    ["docker compose up -d mysql", "compose.yml has no service mysql"],
    ["holdfasst doctor", "holdfasst is none of the commands that the documents use"],
  ])("are found when they cannot be followed: %s", async (command, fault) => {
    expect((await faultsOfCommands(page(`\`\`\`sh\n${command}\n\`\`\`\n`), facts)).map((found) => found.slice(found.indexOf(": ") + 2))).toEqual([fault]);
  });

  it("of the operator are all told of somewhere", () => {
    const told = documents.map(({ text }) => text).join("\n").replaceAll("\\|", "|");
    const untold = [...facts.operator.keys()].filter((name) => !new RegExp(`\\b${name.replace(" ", " (?:[a-z-]+\\|)*")}\\b`).test(told));
    expect(untold).toEqual([]);
  });

  it("in back-ticks are held to the same", async () => {
    const text = "`npm run nothing` · `parked retry --shop S --colour red` · `token create|list|mend --shop` · `npm run holdfast -- doctor` · `GET /x`\n";
    expect(await faultsOfCommands(page(text), facts)).toHaveLength(3);
  });

  it("are read from the help as it is printed", () => {
    expect([...operatorOf("  token list --shop S    lists\n  shadow --shop S    tells\n  doctor     checks configuration\n")].map(([name, flags]) => [name, [...flags]])).toEqual([
      ["token list", ["--shop", "--json", "--help"]],
      ["shadow", ["--shop", "--json", "--help"]],
      ["doctor", ["--json", "--help"]],
    ]);
  });
});

describe("names in back-ticks", () => {
  it("that look like a path are in the repository", () => {
    expect(faultsOfPaths(documents, tree, ELSEWHERE)).toEqual([]);
  });

  it("are found when the file has gone", () => {
    expect(faultsOfPaths(page("`app/domain/gone.ts`, `gone.test.ts`, `worker/`, `tests/gone/`, `orders/create`, `app/uninstalled`, `package.json`\n"), tree, ELSEWHERE)).toHaveLength(3);
  });

  it("have beside them titles of tests that stand in the file", async () => {
    expect(await faultsOfTitles(documents, tree, read)).toEqual([]);
  });

  it("are found beside a title that is no test's", async () => {
    expect(await faultsOfTitles(page("`turn.test.ts`: *changes nothing on a new install and shows what it would have done*; *does what no test has ever said*\n"), tree, read)).toHaveLength(1);
  });
});

describe("samples", () => {
  it("are parsed, stand in a file, are run by a test, or say why not", async () => {
    expect(await faultsOfSamples(documents, read)).toEqual([]);
  });

  it("are found when nothing checks them", async () => {
    const fence = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\`\n\n`;
    const text = [
      fence("ts", "const a = 1;"),
      fence("json", '{ "a": 1, }'),
      fence("sh", "echo 'open"),
      fence("", "npm test"),
      `<!-- sample: from package.json -->\n${fence("json", '"no-such-script": "x"')}`,
      `<!-- sample: shape: too -->\n${fence("ts", "x")}`,
      `<!-- sample: run by tests/race/lock.test.ts -->\n${fence("ts", "x")}`,
    ].join("");
    expect(await faultsOfSamples(page(text), read)).toHaveLength(7);
  });

  it("pass when they are marked well", async () => {
    const text = '<!-- sample: from package.json -->\n```json\n"private": true,\n```\n\n```jsonc\n{ "a": "…", "b": [ … ], // why\n  "c": 1, … }\n```\n\n- item\n  ```sh\n  npm test\n  ```\n';
    expect(await faultsOfSamples(page(text), read)).toEqual([]);
  });
});
