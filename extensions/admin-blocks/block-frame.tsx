// What all blocks look like around their content: while it is loading, when there is nothing, when it failed, when the person may not.
import type { ComponentChildren } from "preact";

import type { Loaded } from "./load-answer.ts";

export type Translate = (key: string) => string;

interface BlockFrameProps<Answer> {
  readonly translate: Translate;
  readonly loaded: Loaded<Answer>;
  readonly onRetry: () => void;
  /** For a block that is folded up. */
  readonly summary: (answer: Answer) => string;
  readonly children: (answer: Answer) => ComponentChildren;
}

export function BlockFrame<Answer>({ translate, loaded, onRetry, summary, children }: BlockFrameProps<Answer>) {
  return (
    <s-admin-block heading={translate("heading")} {...(loaded.kind === "answered" ? { collapsedSummary: summary(loaded.answer) } : {})}>
      {loaded.kind === "answered" ? children(loaded.answer) : <Standing translate={translate} kind={loaded.kind} onRetry={onRetry} />}
    </s-admin-block>
  );
}

interface StandingProps {
  readonly translate: Translate;
  readonly kind: Exclude<Loaded<unknown>["kind"], "answered">;
  readonly onRetry: () => void;
}

function Standing({ translate, kind, onRetry }: StandingProps) {
  switch (kind) {
    case "loading":
      return <s-spinner accessibilityLabel={translate("loading")} />;
    case "nothing":
      return <s-paragraph>{translate("nothing")}</s-paragraph>;
    case "not_allowed":
      return (
        <s-banner tone="warning" heading={translate("notAllowed.heading")}>
          <s-paragraph>{translate("notAllowed.text")}</s-paragraph>
        </s-banner>
      );
    case "failed":
      return (
        <s-banner tone="critical" heading={translate("failed.heading")}>
          <s-stack gap="base">
            <s-paragraph>{translate("failed.text")}</s-paragraph>
            <s-button onClick={onRetry}>{translate("failed.retry")}</s-button>
          </s-stack>
        </s-banner>
      );
  }
}

/** `page`: of the app, from its root. */
export function PageLink({ page, children }: { readonly page: string; readonly children: ComponentChildren }) {
  return <s-link href={`app:${page.replace(/^\//, "")}`}>{children}</s-link>;
}
