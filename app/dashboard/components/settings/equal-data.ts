// When a part of a form need not be drawn anew: its data are the same. Its callbacks are made anew with each keystroke and do the same.

/** For `memo`. Only for parts whose callbacks read what they change when they are called (`edit((draft) => …)`), and close over none of it. */
export function equalData<Props extends object>(before: Props, after: Props): boolean {
  const names = Object.keys({ ...before, ...after }) as (keyof Props)[];
  return names.every((name) => Object.is(before[name], after[name]) || (typeof before[name] === "function" && typeof after[name] === "function"));
}
