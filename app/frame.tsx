import { unstable_rethrow } from "next/navigation";
import type { ReactElement, ReactNode } from "react";
import { Defect, NotFound } from "#components/ui/problem.tsx";
import { Shell, type Section } from "#components/ui/shell.tsx";
import type { Actor } from "#lib/access/actor.ts";
import { currentActor } from "#lib/access/session.ts";
import { env } from "#lib/config/env.ts";
import type { Reader } from "#lib/i18n/format.ts";
import { translator } from "#lib/i18n/translator.ts";
import { withParameter } from "#lib/web/address.ts";
import { reportDefect } from "#lib/web/defect.ts";
import { PAGE_SCRIPT } from "#lib/web/page-script.ts";
import { readerOf, requestView, type RequestView } from "#lib/web/request.ts";
import { setStatus } from "#lib/web/response-status.ts";
import { signOut } from "./sign-out.ts";

/** What a page is given. */
export interface PageRequest<Params> {
  readonly params: Params;
  /** A parameter of the query; the first when it was given more than once. U+0000, which no text in PostgreSQL can hold, is left out. */
  readonly query: (name: string) => string | undefined;
  /** Which page of a list is asked for (`?page=`), from 1; 1 for whatever is no such number. */
  readonly pageNumber: number;
  readonly actor: Actor;
  readonly reader: Reader;
  readonly view: RequestView;
}

/** What a page gives back. */
export interface PageContent {
  /** Names the page, without the brand. */
  readonly title: string;
  /** A form on it was refused: the title begins with "Error:", so that it is heard first. */
  readonly failed?: boolean;
  readonly section: Section | null;
  readonly body: ReactNode;
}

type Search = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Makes a page out of a function that loads and shows: puts the frame around it, and shows "not
 * found" (404) and defects (500, with a reference) in the same frame, as plain HTML.
 */
export function framed<Params = unknown>(
  load: (request: PageRequest<Params>) => Promise<PageContent>,
) {
  return async function FramedPage(props: {
    readonly params: Promise<Params>;
    readonly searchParams: Promise<Search>;
  }): Promise<ReactElement> {
    const view = await requestView();
    const search = await props.searchParams;
    const query = (name: string): string | undefined =>
      [search[name]].flat()[0]?.replaceAll("\0", "");
    let actor: Actor | null = null;
    try {
      actor = await currentActor();
      const reader = readerOf(actor, view);
      const asked = Number(query("page"));
      const pageNumber = Number.isSafeInteger(asked) && asked > 0 ? asked : 1;
      const params = await props.params;
      const page = await load({ params, query, pageNumber, actor, reader, view });
      return frame(actor, view, page);
    } catch (error) {
      if (isNotFound(error) && setStatus(404)) return notFoundPage(actor, view);
      unstable_rethrow(error);
      if (!setStatus(500)) throw error;
      return defectPage(actor, view, reportDefect(error, { path: view.path }));
    }
  };
}

/** The page for an address that does not exist. */
function notFoundPage(actor: Actor | null, view: RequestView): ReactElement {
  const { locale } = readerFor(actor, view);
  return frame(actor, view, {
    title: translator(locale, "problem")("notFoundTitle"),
    section: null,
    body: <NotFound locale={locale} home={homeOf(actor)} />,
  });
}

function defectPage(actor: Actor | null, view: RequestView, reference: string): ReactElement {
  const { locale } = readerFor(actor, view);
  return frame(actor, view, {
    title: translator(locale, "problem")("errorTitle"),
    section: null,
    body: <Defect locale={locale} home={homeOf(actor)} reference={reference} again={view.path} />,
  });
}

function frame(actor: Actor | null, view: RequestView, page: PageContent): ReactElement {
  const reader = readerFor(actor, view);
  const settings = env();
  const title = `${page.title} – ${settings.BRAND_NAME}`;
  return (
    <>
      <title>
        {page.failed === true ? translator(reader.locale, "shell")("errorTitle", { title }) : title}
      </title>
      <Shell
        reader={reader}
        brand={settings.BRAND_NAME}
        person={
          actor?.kind === "customer" || actor?.kind === "staff"
            ? { name: actor.name, kind: actor.kind }
            : null
        }
        current={page.section}
        light={view.light}
        languageHref={(locale) => withParameter(view.path, "lang", locale)}
        lightHref={(on) => withParameter(view.path, "light", on ? "1" : "0")}
        support={{
          email: settings.SUPPORT_EMAIL ?? null,
          phone: settings.SUPPORT_PHONE ?? null,
        }}
        signOut={signOut}
      >
        {page.body}
      </Shell>
      <script dangerouslySetInnerHTML={{ __html: PAGE_SCRIPT }} />
    </>
  );
}

function readerFor(actor: Actor | null, view: RequestView): Reader {
  return actor === null
    ? { locale: view.chosen ?? view.fallback, timeZone: env().OPERATOR_TIME_ZONE }
    : readerOf(actor, view);
}

/** Where somebody starts. */
export function homeOf(actor: Actor | null): string {
  if (actor?.kind === "customer") return "/dashboard";
  return actor?.kind === "staff" ? "/console" : "/";
}

/** What `notFound()` throws; the framework has no public test for it. */
function isNotFound(error: unknown): boolean {
  return (
    error instanceof Error && "digest" in error && error.digest === "NEXT_HTTP_ERROR_FALLBACK;404"
  );
}
