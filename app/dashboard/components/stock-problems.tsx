// The way between the three lists of what was found wrong with stock.

import { PAGE_NAMES } from "../terms.ts";
import { useAddressAsLeft } from "./remembered-lists.ts";
import { ViewChoice } from "./view-choice.tsx";

const LISTS = ["oversells", "overwritten", "mismatches"] as const;

export function StockProblems({ chosen }: { readonly chosen: (typeof LISTS)[number] }) {
  const addressAsLeft = useAddressAsLeft();
  return <ViewChoice name="What was found" views={LISTS.map((list) => ({ label: PAGE_NAMES[list], url: addressAsLeft(`/app/${list}`), chosen: list === chosen }))} />;
}
