// Random choices that a seed repeats.

/** A generator of choices: mulberry32 under a few words for what is chosen. */
export function random(seed) {
  let state = seed >>> 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(unit() * limit);
  return {
    below,
    chance: (probability) => unit() < probability,
    pick: (list) => list[below(list.length)],
  };
}
