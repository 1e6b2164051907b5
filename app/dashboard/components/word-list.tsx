// Words with their meaning, and beneath it what each is called where people write about such things.

import { Text } from "@shopify/polaris";

import type { Word } from "../glossary.ts";
import { Facts } from "./facts.tsx";

export function WordList({ words }: { readonly words: readonly Word[] }) {
  return (
    <div className="hf-words">
      <Facts
        facts={words.map(({ word, meaning, term }) => ({
          name: word,
          value: (
            <>
              <Text as="span">{meaning}</Text>
              <span className="hf-word-term">{`Technical term: ${term}`}</span>
            </>
          ),
        }))}
      />
    </div>
  );
}
