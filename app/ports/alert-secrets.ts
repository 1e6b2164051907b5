// Port of the alerts' secrets: Slack addresses and the key that signs webhooks, encrypted at rest.

export interface AlertSecrets {
  /** Stores an address once and answers its fingerprint (16 hex digits). */
  keepAddress(installId: bigint, address: string): Promise<string>;
  /** Which of the fingerprints are known. */
  knownAddresses(installId: bigint, fingerprints: readonly string[]): Promise<ReadonlySet<string>>;
  /** Null when it is not known. */
  address(installId: bigint, fingerprint: string): Promise<string | null>;
  /** The shop's signing secret, made at the first asking: text of 64 hex digits. */
  signingSecret(installId: bigint): Promise<string>;
  /** Replaces it, and says so in the audit trail; the old one signs nothing from then on. */
  renewSigningSecret(installId: bigint, actor: string): Promise<string>;
}
