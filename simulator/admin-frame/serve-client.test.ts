// The browser's files: joined into one script where App Bridge needs it, and free of what a browser cannot read.
import { describe, expect, it } from "vitest";
import { adminModule, appBridgeScript } from "./serve-client.ts";

describe("the admin page's client files", () => {
  it("join App Bridge into one classic script that a browser can parse", () => {
    const script = appBridgeScript();
    expect(() => new Function(script)).not.toThrow();
    expect(script).not.toMatch(/^\s*(import|export)\b/m);
  });

  it("serve the admin page's modules as JavaScript", () => {
    expect(adminModule("admin/admin-page.ts")).toContain("serveAppChrome();");
    expect(adminModule("messages.ts")).not.toContain("type Calls");
  });

  it.each(["../mount.ts", "bridge/session.ts", "admin/../../mount.ts", "admin/unknown.ts"])("answer nothing for %s", (path) => {
    expect(adminModule(path)).toBeNull();
  });
});
