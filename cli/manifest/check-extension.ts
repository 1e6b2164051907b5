// Compares an extension's file with its folder and with what this version of Holdfast needs. Pure.

import type { ManifestNeeds } from "./holdfast-needs.ts";
import { extensionManifest, type ManifestFault, shapeFaults } from "./manifest-shapes.ts";

export interface ExtensionFolder {
  readonly name: string;
  /** Paths from the folder, "/" between names. */
  readonly files: readonly string[];
  /** Keys of `locales/en.default.json`, "a.b" for nested ones; null: there is no such file. */
  readonly words: readonly string[] | null;
}

/** `parsed`: the file as TOML. */
export function checkExtension(parsed: unknown, folder: ExtensionFolder, needs: ManifestNeeds): ManifestFault[] {
  const read = extensionManifest.safeParse(parsed);
  if (!read.success) return shapeFaults(read.error);
  const { api_version: version, extensions } = read.data;
  const found: ManifestFault[] = [];
  const add = (at: string, code: ManifestFault["code"], message: string) => void found.push({ at, code, message });
  extensions.forEach((extension, index) => {
    const at = `extensions[${index}]`;
    if (extension.handle !== folder.name) add(`${at}.handle`, "handle_differs", `the folder is called ${folder.name}`);
    if (extension.type !== "ui_extension") return;
    if (version !== needs.extensionApiVersion) add("api_version", "version_differs", `the blocks are written for ${needs.extensionApiVersion}`);
    extension.targeting.forEach(({ module, target }, nth) => {
      if (!needs.extensionTargets.includes(target)) add(`${at}.targeting[${nth}].target`, "target_unknown", `Holdfast has nothing to show at ${target}`);
      if (!folder.files.includes(module.replace(/^\.\//, ""))) add(`${at}.targeting[${nth}].module`, "module_missing", `there is no ${module}`);
    });
    const key = /^t:(.+)$/.exec(extension.name)?.[1];
    if (key !== undefined && folder.words?.includes(key) !== true) add(`${at}.name`, "words_missing", `locales/en.default.json has no words for ${key}`);
  });
  return found;
}
