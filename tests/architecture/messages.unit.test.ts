import { describe, expect, test } from "vitest";
import { listFiles, readText } from "./source-files.ts";

type Messages = { [key: string]: string | Messages };

const folder = "lib/i18n/messages/";
const languages = new Map(
  listFiles()
    .filter((file) => file.startsWith(folder) && file.endsWith(".json"))
    .map((file) => [
      file.slice(folder.length, -".json".length),
      new Map(flatten(JSON.parse(readText(file)) as Messages)),
    ]),
);

function flatten(messages: Messages, prefix = ""): [string, string][] {
  return Object.entries(messages).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`),
  );
}

/** Names of the arguments and tags of an ICU message, sorted. Throws where the message is malformed. */
function argumentsOf(message: string): string[] {
  const found = new Set<string>();
  let at = 0;
  const fail = (what: string): never => {
    throw new Error(`${what} at ${at} in "${message}"`);
  };
  const word = (): string => {
    const match = /^\s*([^\s{},]+)\s*/.exec(message.slice(at));
    at += match?.[0].length ?? 0;
    return match?.[1] ?? fail("A name is missing");
  };
  const text = (depth: number): void => {
    while (at < message.length) {
      const here = message[at];
      const rest = message.slice(at);
      const quoted = /^'(?:'|[{}<#][^']*')/.exec(rest);
      const tag = /^<\/?([A-Za-z][\w-]*)\s*\/?>/.exec(rest);
      if (quoted) at += quoted[0].length;
      else if (tag) {
        found.add(`<${tag[1]}>`);
        at += tag[0].length;
      } else if (here === "{") argument(depth);
      else if (here === "}") {
        if (depth === 0) fail("A } has no {");
        return;
      } else at += 1;
    }
    if (depth > 0) fail("A } is missing");
  };
  const argument = (depth: number): void => {
    at += 1;
    found.add(word());
    if (message[at] === "}") {
      at += 1;
      return;
    }
    at += 1;
    const kind = word();
    if (!["plural", "select", "selectordinal"].includes(kind)) {
      const end = message.indexOf("}", at);
      if (end < 0) fail("A } is missing");
      at = end + 1;
      return;
    }
    at += 1;
    let hasOther = false;
    while (message[at] !== "}") {
      const branch = word();
      if (branch.startsWith("offset:")) continue;
      hasOther ||= branch === "other";
      if (message[at] !== "{") fail(`The branch ${branch} has no text`);
      at += 1;
      text(depth + 1);
      at += 1;
      at += /^\s*/.exec(message.slice(at))?.[0].length ?? 0;
    }
    if (!hasOther) fail("The branch other is missing");
    at += 1;
  };
  text(0);
  return [...found].toSorted();
}

describe("every language says everything", () => {
  const [first, ...others] = [...languages.keys()].toSorted();

  test("there are Chinese and English", () => {
    expect([...languages.keys()]).toEqual(expect.arrayContaining(["en", "zh-CN"]));
  });

  test.each(others)("%s has the same messages as the first language", (language) => {
    const keys = (name: string | undefined) => [...(languages.get(name ?? "")?.keys() ?? [])];
    expect(keys(language).toSorted()).toEqual(keys(first).toSorted());
  });

  test.each(others)("%s fills the same arguments into each message", (language) => {
    const different = [...(languages.get(language) ?? [])].filter(([key, message]) => {
      const original = languages.get(first ?? "")?.get(key);
      return original !== undefined && argumentsOf(original).join() !== argumentsOf(message).join();
    });
    expect(different.map(([key]) => key)).toEqual([]);
  });

  test.each([...languages.keys()])("no message of %s is empty or malformed", (language) => {
    const wrong = [...(languages.get(language) ?? [])].flatMap(([key, message]) => {
      if (message.trim() === "") return [`${key} is empty`];
      try {
        argumentsOf(message);
        return [];
      } catch (error) {
        return [`${key}: ${error instanceof Error ? error.message : String(error)}`];
      }
    });
    expect(wrong).toEqual([]);
  });
});

describe("how arguments are found", () => {
  test.each([
    ["Hello", []],
    ["Hello {name}", ["name"]],
    ["{count, plural, one {# day} other {{size} in # days}}", ["count", "size"]],
    ["{kind, select, a {day} other {night}}", ["kind"]],
    ["<link>Read {title}</link> at {when, date, short}", ["<link>", "title", "when"]],
    ["It''s '{literal}'", []],
  ])("%s", (message, expected) => {
    expect(argumentsOf(message)).toEqual(expected);
  });

  test.each(["{name", "name}", "{n, plural, one {day}}", "{n, plural, other}", "{}"])(
    "%s is malformed",
    (message) => {
      expect(() => argumentsOf(message)).toThrow(message);
    },
  );
});
