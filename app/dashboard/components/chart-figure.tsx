// A chart that the server drew, and the same numbers as a table for those who cannot see it, or want them exactly.

import { BlockStack } from "@shopify/polaris";
import type { ReactNode } from "react";

import type { DrawnChart } from "../charts/draw-chart.server.ts";
import { Disclosure } from "./disclosure.tsx";

interface ChartFigureProps {
  /** Unique on the page; the table's address in it. */
  readonly id: string;
  readonly chart: DrawnChart;
  /** What the picture says, in a sentence. */
  readonly label: string;
  readonly table: {
    /** Named for screen readers. */
    readonly name: string;
    /** The first column names the row. */
    readonly columns: readonly string[];
    readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
  };
}

export function ChartFigure({ id, chart, label, table }: ChartFigureProps) {
  return (
    <BlockStack gap="400">
      <figure style={{ margin: 0 }} role="img" aria-label={`${label} The table below has every number.`}>
        {/* The markup is drawn by our own server; texts in it are escaped. */}
        {(["wide", "medium", "narrow"] as const).map((size) => (
          <div key={size} className={`hf-chart hf-chart__${size}`} dangerouslySetInnerHTML={{ __html: chart[size] }} />
        ))}
      </figure>
      <Disclosure id={id} label="Show as a table" openLabel="Hide the table">
        <div className="hf-scroll" tabIndex={0} role="region" aria-label={table.name}>
          <table className="hf-table">
            <thead>
              <tr>
                {table.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map(({ key, cells: [name, ...cells] }) => (
                <tr key={key}>
                  <th scope="row">{name}</th>
                  {cells.map((cell, index) => (
                    <td key={table.columns[index + 1]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Disclosure>
    </BlockStack>
  );
}
