// A few views of the same page, one of them pressed; each is an address of its own.

import { Button, ButtonGroup } from "@shopify/polaris";
import { useNavigate } from "@remix-run/react";

export interface View {
  readonly label: string;
  readonly url: string;
  readonly chosen: boolean;
}

interface ViewChoiceProps {
  /** What is chosen here, for screen readers. */
  readonly name: string;
  readonly views: readonly View[];
}

/** More views than this do not fit beside each other on a phone: they stand apart, and wrap. */
const SEGMENTS_MAX = 3;

/** Buttons rather than links: Polaris shows no pressed state on a link. */
export function ViewChoice({ name, views }: ViewChoiceProps) {
  const navigate = useNavigate();
  return (
    <div role="group" aria-label={name}>
      <ButtonGroup gap="tight" {...(views.length > SEGMENTS_MAX ? {} : { variant: "segmented" })}>
        {views.map((view) => (
          <Button key={view.label} size="slim" pressed={view.chosen} onClick={() => navigate(view.url, { preventScrollReset: true })}>
            {view.label}
          </Button>
        ))}
      </ButtonGroup>
    </div>
  );
}
