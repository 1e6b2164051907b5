// A link inside text or a table.

import { Link } from "@shopify/polaris";
import type { ReactNode } from "react";

interface TextLinkProps {
  readonly url: string;
  /** The link that stands for its whole row of a table. */
  readonly primary?: boolean;
  readonly children: ReactNode;
}

export function TextLink({ url, primary = false, children }: TextLinkProps) {
  return (
    <Link url={url} dataPrimaryLink={primary} removeUnderline={primary}>
      {children}
    </Link>
  );
}
