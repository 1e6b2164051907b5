// The secret that signs alerts sent to webhooks; shown while there is one to sign for.

import type { AlertTarget } from "#app/domain/settings.ts";

import { MadeSecret } from "./made-secret.tsx";
import { SettingsSection } from "./section.tsx";

/** @param props.targets those that are saved. */
export function SigningSecretSection({ targets }: { readonly targets: readonly AlertTarget[] }) {
  if (!targets.some(({ kind }) => kind === "webhook")) return null;
  return (
    <SettingsSection id="signing-secret" title="Signing secret for webhooks" description="Your receiver checks with it that a message comes from Holdfast. One for all webhooks of this shop.">
      <MadeSecret
        name="signing secret"
        intent="make-signing-secret"
        replaces
        consequence="From then on every webhook is signed with the new secret, and the old one is worth nothing. A receiver that checks signatures refuses messages until it knows the new one."
      />
    </SettingsSection>
  );
}
