import { describe, expect, it } from "vitest";

import { createTokenGuesses, FAILED_GUESSES_MAX } from "./token-guesses.ts";

function openAt(clock: { ms: number }) {
  const guesses = createTokenGuesses(() => clock.ms);
  const guess = (client: string, token: string) => {
    const seconds = guesses.mustWaitSeconds(client, token);
    if (seconds === null) guesses.failed(client);
    return seconds;
  };
  return { guesses, guess };
}

describe("guessing tokens", () => {
  it("comes to an end for a minute, for the address that does it and for no other", () => {
    const clock = { ms: 5_000 };
    const { guess } = openAt(clock);
    const answers = Array.from({ length: 1_000 }, (_, number) => guess("203.0.113.9", `hf_${number}`));
    expect(answers.filter((seconds) => seconds === null)).toHaveLength(FAILED_GUESSES_MAX);
    expect(answers.at(-1)).toBe(60);
    expect(guess("198.51.100.7", "hf_x")).toBeNull();
    clock.ms += 60_000;
    expect(guess("203.0.113.9", "hf_x")).toBeNull();
  });

  it("keeps no token waiting that has worked: nobody shuts a neighbour out", () => {
    const { guesses, guess } = openAt({ ms: 0 });
    guesses.worked("hf_good");
    for (let count = 0; count < 100; count += 1) guess("203.0.113.9", "hf_bad");
    expect(guesses.mustWaitSeconds("203.0.113.9", "hf_bad")).not.toBeNull();
    expect(guesses.mustWaitSeconds("203.0.113.9", "hf_good")).toBeNull();
  });

  it("from ever new addresses fills no memory", () => {
    const { guesses, guess } = openAt({ ms: 0 });
    for (let count = 0; count < 25_000; count += 1) guess(`2001:db8::${count.toString(16)}`, "hf_bad");
    for (let count = 0; count < 25_000; count += 1) guesses.worked(`hf_${count}`);
    expect(guesses.mustWaitSeconds("2001:db8::1", "hf_bad")).toBeNull();
  });
});
