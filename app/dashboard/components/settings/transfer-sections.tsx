// The settings as a file, out and in: what a file would change is shown, and all of it checked, before anything is saved.

import { useFetcher } from "@remix-run/react";
import { useAppBridge } from "@shopify/app-bridge-react";
import { Banner, BlockStack, Button, InlineStack, Text, TextField } from "@shopify/polaris";
import { useRef, useState } from "react";

import type { SettingsActionResult } from "../../settings-action.ts";
import { isSettled, resultProblem } from "../../settings-outcome.ts";
import { missingScopes } from "../../settings-permissions.ts";
import type { SettingsFacts } from "../../settings-page.server.ts";
import { settingsUrl } from "../../settings-parts.ts";
import { TextLink } from "../text-link.tsx";
import { DifferenceList } from "./difference-list.tsx";
import { OutcomeBanner } from "./outcome-banner.tsx";
import { SettingsSection } from "./section.tsx";

export function ExportSection({ file, version }: { readonly file: string; readonly version: number }) {
  const download = () => {
    const url = URL.createObjectURL(new Blob([file], { type: "application/json" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: `holdfast-settings-${version}.json` });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <SettingsSection id="export" title="Export these settings" description="A JSON file for another shop, or to keep. Secrets are not in it: of a Slack address it holds only a reference that this shop understands.">
      <InlineStack>
        <Button onClick={download}>Download settings</Button>
      </InlineStack>
    </SettingsSection>
  );
}

export function ImportSection({ page }: { readonly page: SettingsFacts }) {
  const check = useFetcher<SettingsActionResult>();
  const save = useFetcher<SettingsActionResult>();
  const [text, setText] = useState("");
  const checked = check.state === "idle" ? check.data : undefined;
  const saved = save.state === "idle" ? save.data : undefined;
  if (saved !== undefined && isSettled(saved)) return <Imported version={saved.settings.version} />;
  return (
    <SettingsSection id="import" title="Import settings" description="All of these settings are replaced by what the file says. First it is checked as a whole, and you see what it would change.">
      <ChooseFile onText={setText} />
      <TextField label="Settings as JSON" multiline={6} maxHeight="16rem" monospaced autoComplete="off" value={text} onChange={setText} placeholder='{ "mode": "observe", … }' />
      <InlineStack>
        <Button disabled={text.trim() === ""} loading={check.state !== "idle"} onClick={() => void check.submit({ intent: "check-import", text }, { method: "post" })}>
          Check the file
        </Button>
      </InlineStack>
      <div aria-live="polite">{checked === undefined ? null : <Checked result={checked} page={page} saved={saved} saving={save.state !== "idle"} onSave={(document) => void save.submit({ intent: "save", document }, { method: "post" })} />}</div>
    </SettingsSection>
  );
}

function Imported({ version }: { readonly version: number }) {
  return (
    <Banner tone="success" title={`Imported and saved as version ${version}`}>
      <Text as="p">
        To take it back, restore the version before it under <TextLink url={settingsUrl("versions")}>Earlier versions</TextLink>.
      </Text>
    </Banner>
  );
}

interface CheckedProps {
  readonly result: SettingsActionResult;
  readonly page: SettingsFacts;
  readonly saved: SettingsActionResult | undefined;
  readonly saving: boolean;
  readonly onSave: (document: string) => void;
}

function Checked({ result, page, saved, saving, onSave }: CheckedProps) {
  const shopify = useAppBridge();
  const [declined, setDeclined] = useState<readonly string[] | null>(null);
  if (result.kind === "not_json") {
    return (
      <Banner tone="warning" title="This is no settings file">
        <Text as="p">It is not JSON, or not an object. Take a file that was downloaded here, or a document of the API.</Text>
      </Banner>
    );
  }
  if (result.kind !== "import_checked") {
    const problem = resultProblem(result);
    return problem === null ? null : <OutcomeBanner problem={problem} />;
  }
  const { document, differences } = result;
  if (differences.length === 0) return <Text as="p">It says what is in force already; there is nothing to save.</Text>;
  const problem = declined === null ? (saved === undefined ? null : resultProblem(saved)) : { kind: "declined" as const, scopes: declined };
  async function ask(): Promise<void> {
    const missing = missingScopes(document, page.settings, page.scopes);
    if (missing.length > 0 && (await shopify.scopes.request([...missing])).result !== "granted-all") return setDeclined(missing);
    setDeclined(null);
    onSave(JSON.stringify(document));
  }
  return (
    <BlockStack gap="400">
      <Text as="h3" variant="headingMd">
        What it would change
      </Text>
      <DifferenceList parts={differences} />
      {problem === null ? null : <OutcomeBanner problem={problem} />}
      <InlineStack>
        <Button variant="primary" loading={saving} onClick={() => void ask()}>
          Save these settings
        </Button>
      </InlineStack>
    </BlockStack>
  );
}

function ChooseFile({ onText }: { readonly onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <InlineStack>
      <Button onClick={() => input.current?.click()}>Choose a file</Button>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        aria-label="Settings file"
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) void file.text().then(onText);
        }}
      />
    </InlineStack>
  );
}
