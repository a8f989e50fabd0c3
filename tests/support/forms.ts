import type { APIResponse, Page } from "playwright";

/** What a form of the open page would send as it stands, the pressed button apart. */
export async function readForm(page: Page, selector: string): Promise<Record<string, string>> {
  return await page.locator(selector).evaluate((form: HTMLFormElement) => {
    const fields: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") fields[name] = value;
    }
    return fields;
  });
}

/**
 * Posts fields to a path as a browser with the cookies of `page` would, and does not follow the answer.
 * The origin is ours unless told; null: none is sent.
 */
export async function postForm(
  page: Page,
  path: string,
  fields: Readonly<Record<string, string>>,
  origin: string | null = new URL(page.url()).origin,
): Promise<APIResponse> {
  return await page.request.post(path, {
    multipart: { ...fields },
    headers: origin === null ? {} : { origin },
    maxRedirects: 0,
  });
}
