import { headers } from "next/headers";
import { redirect, unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import type { Actor } from "#lib/access/actor.ts";
import { currentActor } from "#lib/access/session.ts";
import { env } from "#lib/config/env.ts";
import { refuse, type FieldProblem, type Refusal, type Result } from "#lib/domain/refusal.ts";
import { refusalArguments } from "#lib/i18n/refusal.ts";
import { isOwnOrigin } from "./address.ts";
import { reportDefect } from "./defect.ts";
import { keepAnswer } from "./form-answer.ts";
import { requestLocale } from "./request.ts";

/** The text fields of a form, the framework's own left out. */
export type Fields = Readonly<Record<string, string>>;

/** Name of the sign-in form, for {@link readAnswer}. */
export const SIGN_IN_FORM = "sign-in";

/** How one form is forwarded to one verb. */
export interface ActionPlan<Input, Value> {
  readonly form: string;
  readonly data: FormData;
  /** The path of the page with the form; it shows the refusal. */
  readonly back: string;
  /** What the verb takes; the form's fields are parsed by it and nothing else is passed on. */
  readonly schema: z.ZodType<Input>;
  /** Fields as the schema expects them, where a form cannot say it (a checkbox is a boolean). */
  readonly read?: (fields: Fields) => unknown;
  readonly verb: (actor: Actor, input: Input) => Promise<Result<Value>>;
  /** Names of the fields whose typed values are shown again. Never a password. */
  readonly keep: readonly string[];
  /** Where to go when the verb has accepted: a path of ours, or a payment page that the verb returned. */
  readonly next: (value: Value, actor: Actor) => string | Promise<string>;
}

/**
 * Forwards a posted form: refuses a foreign origin, finds out who asks, parses, calls the verb, and
 * goes on to the next page, or back to the form with the refusal. A defect is reported and answered
 * with a neutral sentence and its reference. Always ends in a redirect (303).
 */
export async function runAction<Input, Value>(plan: ActionPlan<Input, Value>): Promise<never> {
  const fields = readFields(plan.data);
  let address: string;
  try {
    const actor = await currentActor();
    const result = await forward(plan, fields, actor);
    address = result.ok
      ? await plan.next(result.value, actor)
      : await turnBack(plan, fields, result.refusal);
  } catch (error) {
    unstable_rethrow(error);
    const reference = reportDefect(error, { form: plan.form });
    await keepAnswer({
      form: plan.form,
      code: "defect",
      arguments: { reference },
      fields: {},
      values: pick(fields, plan.keep),
    });
    address = plan.back;
  }
  redirect(address);
}

async function forward<Input, Value>(
  plan: ActionPlan<Input, Value>,
  fields: Fields,
  actor: Actor,
): Promise<Result<Value>> {
  const sent = await headers();
  if (!isOwnOrigin(sent.get("origin"), sent.get("host"), env().APP_URL)) {
    return refuse({ code: "origin_not_allowed" });
  }
  const input = plan.schema.safeParse(plan.read === undefined ? fields : plan.read(fields));
  if (!input.success) {
    return refuse({ code: "input_invalid", fields: fieldProblems(input.error) });
  }
  return await plan.verb(actor, input.data);
}

/** Where a refused form leads: back to itself, or to sign in first when the session has ended meanwhile. */
export async function turnBack(
  plan: Pick<ActionPlan<never, never>, "form" | "keep" | "back">,
  fields: Fields,
  refusal: Refusal,
): Promise<string> {
  const signedOut = refusal.code === "not_signed_in";
  await keepAnswer({
    form: signedOut ? SIGN_IN_FORM : plan.form,
    code: refusal.code,
    arguments: refusalArguments(refusal, await requestLocale()),
    fields: refusal.code === "input_invalid" ? refusal.fields : {},
    values: signedOut ? {} : pick(fields, plan.keep),
  });
  return signedOut ? `/sign-in?next=${encodeURIComponent(plan.back)}` : plan.back;
}

/** Goes back to a form to show it anew, with what was typed: nothing is asked of any verb. Always redirects (303). */
export async function showAgain(
  plan: Pick<ActionPlan<never, never>, "form" | "data" | "keep" | "back">,
): Promise<never> {
  const values = pick(readFields(plan.data), plan.keep);
  await keepAnswer({ form: plan.form, code: "kept", arguments: {}, fields: {}, values });
  redirect(plan.back);
}

/**
 * The text fields of a form; files and the framework's own fields (`$ACTION_…`) are left out, and so is
 * U+0000, which no text in PostgreSQL can hold.
 */
export function readFields(data: FormData): Fields {
  const fields: Record<string, string> = {};
  for (const [name, value] of data) {
    if (typeof value !== "string" || name.startsWith("$")) continue;
    fields[name] = value.replaceAll("\0", "");
  }
  return fields;
}

/** What is wrong with each field of a form, one problem each, in our own words for it. */
export function fieldProblems(error: z.ZodError): Readonly<Record<string, FieldProblem>> {
  const problems: Record<string, FieldProblem> = {};
  for (const issue of error.issues) {
    problems[String(issue.path[0] ?? "")] ??= problemOf(issue);
  }
  return problems;
}

function problemOf(issue: z.core.$ZodIssue): FieldProblem {
  if (issue.code === "too_small") {
    return issue.origin === "string" && issue.minimum === 1 ? "required" : "too_small";
  }
  if (issue.code === "too_big") return issue.origin === "string" ? "too_long" : "too_large";
  // zod reports a field that was not sent as a type of its own: there is nothing to be wrong yet.
  if (issue.code === "invalid_type" && issue.input === undefined) return "required";
  return "invalid";
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  );
}
