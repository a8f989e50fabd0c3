/**
 * JSON with bigint as decimal text, for columns that keep a value as it was. Reading back is the work of
 * a schema, which knows which texts are numbers.
 */
export function toJson<T>(value: T): JsonValue {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === "bigint" ? part.toString() : part,
    ),
  ) as JsonValue;
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | { [key: string]: JsonValue }
  | JsonValue[];
