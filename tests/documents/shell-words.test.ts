import { describe, expect, it } from "vitest";

import { splitShell } from "./shell-words.ts";

const wordsOf = (text: string) => splitShell(text).map(({ words }) => words);

describe("a shell sample", () => {
  it("is taken apart at lines, semicolons, pipes and conditions, and goes on after a backslash", () => {
    expect(wordsOf("npm test && npm run build; curl -s $APP/x | jq .a\nnode a.ts \\\n  --flag")).toEqual([["npm", "test"], ["npm", "run", "build"], ["curl", "-s", "$APP/x"], ["jq", ".a"], ["node", "a.ts", "--flag"]]);
  });

  it("loses comments and redirections, and keeps what is quoted together over lines", () => {
    expect(wordsOf('psql "$URL" -c "SELECT 1;\nSELECT 2" > out.txt 2>&1   # why\n# alone')).toEqual([["psql", "$URL", "-c", "SELECT 1;\nSELECT 2"]]);
    expect(wordsOf(`curl -d '{ "a": "b#c" }' https://x/#y`)).toEqual([["curl", "-d", '{ "a": "b#c" }', "https://x/#y"]]);
  });

  it("tells what is assigned from what is run", () => {
    expect(splitShell("A=1 B='x y' npm test\nSIM=http://h; C=2")).toEqual([
      { assigned: ["A", "B"], words: ["npm", "test"], line: 1 },
      { assigned: ["SIM"], words: [], line: 2 },
      { assigned: ["C"], words: [], line: 2 },
    ]);
  });
});
