// The frame of every page: title in the admin's bar and in the page, the way back on sub-pages, the house's little stylesheet.

import { Page } from "@shopify/polaris";
import { TitleBar } from "@shopify/app-bridge-react";
import type { ComponentProps, ReactNode } from "react";

import { useAddressAsLeft } from "./remembered-lists.ts";
import "./dashboard.css";

interface DashboardPageProps {
  readonly title: string;
  readonly subtitle?: string;
  /** Given on every sub-page. */
  readonly back?: { readonly label: string; readonly url: string };
  readonly badge?: ReactNode;
  readonly narrow?: boolean;
  readonly secondaryActions?: ComponentProps<typeof Page>["secondaryActions"];
  readonly children: ReactNode;
}

export function DashboardPage({ title, subtitle, back, badge, narrow, secondaryActions, children }: DashboardPageProps) {
  const addressAsLeft = useAddressAsLeft();
  return (
    <Page
      title={title}
      {...(subtitle === undefined ? {} : { subtitle })}
      {...(back === undefined ? {} : { backAction: { content: back.label, url: addressAsLeft(back.url) } })}
      {...(badge === undefined ? {} : { titleMetadata: badge })}
      {...(narrow === true ? { narrowWidth: true } : {})}
      {...(secondaryActions === undefined ? {} : { secondaryActions })}
    >
      <TitleBar title={title} />
      {children}
    </Page>
  );
}
