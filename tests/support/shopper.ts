import { beginSession } from "./session.ts";

/** What a page answered. */
export interface PageAnswer {
  readonly status: number;
  /** Where a redirect leads, as it was written. */
  readonly location: string | null;
  readonly html: string;
}

/** Names and values that a form would send as it stands, and the names of the boxes in it. */
export interface PageForm {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly boxes: readonly string[];
}

/** A customer's browser that runs no script: it fetches pages and posts their forms. */
export class Shopper {
  readonly #url: string;
  readonly #cookie: string;

  constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  get(path: string): Promise<PageAnswer> {
    return this.#send(path, { method: "GET" });
  }

  /** Posts a form to the page it stands on, as `multipart/form-data`; later values win. */
  post(path: string, fields: readonly (readonly [string, string])[]): Promise<PageAnswer> {
    const body = new FormData();
    for (const [name, value] of fields) body.set(name, value);
    return this.#send(path, { method: "POST", body });
  }

  async #send(path: string, request: RequestInit): Promise<PageAnswer> {
    const answer = await fetch(new URL(path, this.#url), {
      ...request,
      redirect: "manual",
      // One connection per request: what a killed server leaves behind is not used again.
      headers: { cookie: this.#cookie, origin: this.#url, connection: "close" },
    });
    return {
      status: answer.status,
      location: answer.headers.get("location"),
      html: await answer.text(),
    };
  }
}

/** A browser in which this account is signed in. */
export async function signIn(
  portal: { readonly url: string; readonly secret: string },
  accountId: string,
): Promise<Shopper> {
  const session = await beginSession(accountId, portal.secret);
  return new Shopper(portal.url, `session=${session}`);
}

/** The first form of a page that has a field of this name. Throws when there is none. */
export function readForm(html: string, withField: string): PageForm {
  for (const [, inside = ""] of html.matchAll(/<form\b[^>]*>([\s\S]*?)<\/form>/g)) {
    const inputs = [...inside.matchAll(/<input\b([^>]*)>/g)].map(([, text = ""]) => read(text));
    if (!inputs.some((input) => input.get("name") === withField)) continue;
    return {
      fields: inputs
        .filter((input) => input.has("checked") || !isTicked(input))
        .map((input) => [input.get("name") ?? "", input.get("value") ?? ""] as const),
      boxes: inputs
        .filter((input) => input.get("type") === "checkbox")
        .map((input) => input.get("name") ?? ""),
    };
  }
  throw new Error(`No form with ${withField} on the page: ${html.slice(0, 2_000)}`);
}

function isTicked(input: ReadonlyMap<string, string>): boolean {
  return input.get("type") === "radio" || input.get("type") === "checkbox";
}

function read(attributes: string): ReadonlyMap<string, string> {
  const found = attributes.matchAll(/([\w-]+)(?:="([^"]*)")?/g);
  return new Map([...found].map(([, name = "", value = ""]) => [name, unescape(value)]));
}

const entities: Readonly<Record<string, string>> = { amp: "&", quot: '"', lt: "<", gt: ">" };

function unescape(text: string): string {
  return text.replaceAll(/&(#x?[\da-f]+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return entities[name] ?? whole;
    const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return String.fromCodePoint(code);
  });
}
