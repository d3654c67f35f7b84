/** Stripe's request encoding: forms with brackets, `items[0][price]=..`, `expand[]=..` (Stripe API, Request bodies). Pure. */
export type Param = string | Param[] | Params;
export type Params = { [name: string]: Param };

const isList = (names: readonly string[]) => names.length > 0 && names.every((name, at) => name === String(at));

/** Objects whose names are 0, 1, 2, ... are lists; `[]` counts by itself. */
function settled(value: Param): Param {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(settled);
  const names = Object.keys(value);
  const inner = Object.fromEntries(names.map((name) => [name, settled(value[name]!)]));
  return isList(names) ? Object.values(inner) : inner;
}

/** Throws a RangeError for names that contradict each other, or would reach what every object inherits. */
export function decodeForm(body: string): Params {
  const root: Params = Object.create(null) as Params;
  for (const [name, value] of new URLSearchParams(body)) {
    const parts = name.split(/[[\]]+/).filter((part, at, all) => part !== "" || at < all.length - 1);
    if (name.endsWith("[]")) parts.push("");
    if (parts.some((part) => part === "__proto__" || part === "constructor")) throw new RangeError(`Received unknown parameter: ${name}`);
    let at: Params = root;
    for (const [depth, part] of parts.entries()) {
      const key = part === "" ? String(Object.keys(at).length) : part;
      if (depth === parts.length - 1) at[key] = value;
      else {
        at[key] ??= Object.create(null) as Params;
        const next = at[key];
        if (typeof next === "string" || Array.isArray(next)) throw new RangeError(`Invalid object: ${name}`);
        at = next;
      }
    }
  }
  return settled(root) as Params;
}
