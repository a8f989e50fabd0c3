/** A parameter as it arrives: text, or a nested object (lists have numbers for names). */
export type FormValue = string | FormObject;
export interface FormObject {
  [name: string]: FormValue;
}

/** Parses `a=1&b[c]=2&d[0][e]=3&f[]=4` as Stripe's API does. */
export function parseForm(encoded: string): FormObject {
  const root: FormObject = Object.create(null) as FormObject;
  for (const [key, value] of new URLSearchParams(encoded)) {
    const first = key.indexOf("[");
    const names =
      first === -1
        ? [key]
        : [
            key.slice(0, first),
            ...[...key.slice(first).matchAll(/\[([^\]]*)\]/g)].map((m) => m[1] ?? ""),
          ];
    let place = root;
    for (const [depth, raw] of names.entries()) {
      const name = raw === "" ? String(Object.keys(place).length) : raw;
      if (depth === names.length - 1) {
        place[name] = value;
        continue;
      }
      const inner = place[name];
      if (inner !== undefined && typeof inner !== "string") place = inner;
      else {
        const created = Object.create(null) as FormObject;
        place[name] = created;
        place = created;
      }
    }
  }
  return root;
}
