import type { z } from "zod";
import type { Actor } from "#lib/access/actor.ts";
import { currentActor } from "#lib/access/session.ts";
import { env } from "#lib/config/env.ts";
import { refuse, type Refusal, type Result } from "#lib/domain/refusal.ts";
import { isOwnOrigin } from "./address.ts";
import { reportDefect } from "./defect.ts";
import { keepAnswer } from "./form-answer.ts";
import { fieldProblems, readFields, turnBack, type Fields } from "./run-action.ts";

/** A file as it was sent. */
export interface SentFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** How a form with one file (a field named `file`) is forwarded to one verb. */
export interface UploadPlan<Input, Value> {
  readonly form: string;
  readonly request: Request;
  /** The path of the page with the form; it shows the refusal. */
  readonly back: string;
  /** Whether somebody may send a file at all: asked before any of it is read. */
  readonly guard: (actor: Actor) => Result<unknown>;
  /** Most bytes of the file, and what a larger one is refused with. */
  readonly mostBytes: number;
  readonly tooLarge: Refusal;
  readonly schema: z.ZodType<Input>;
  readonly verb: (actor: Actor, input: Input, file: SentFile) => Promise<Result<Value>>;
  readonly keep: readonly string[];
  /** Where to go when the verb has accepted: a path of ours. */
  readonly next: (value: Value) => string;
}

/** What a form is besides its file. */
const FORM_BYTES = 16 * 1024;

/**
 * Forwards a posted form that carries a file. It is an endpoint of its own, not a server action: those are
 * kept to a few kilobytes for everybody, while here only who may send a file is listened to, and no more
 * of it is read than is allowed. Otherwise like `runAction`: always answers with a redirect (303).
 */
export async function runUpload<Input, Value>(plan: UploadPlan<Input, Value>): Promise<Response> {
  let fields: Fields = {};
  try {
    const actor = await currentActor();
    const sent = await receive(plan, actor);
    if (!sent.ok) return seeOther(await turnBack(plan, fields, sent.refusal));
    fields = sent.value.fields;
    const input = plan.schema.safeParse(fields);
    const result = input.success
      ? await plan.verb(actor, input.data, sent.value.file)
      : refuse<Value>({ code: "input_invalid", fields: fieldProblems(input.error) });
    return seeOther(
      result.ok ? plan.next(result.value) : await turnBack(plan, fields, result.refusal),
    );
  } catch (error) {
    const reference = reportDefect(error, { form: plan.form });
    await keepAnswer({
      form: plan.form,
      code: "defect",
      arguments: { reference },
      fields: {},
      values: {},
    });
    return seeOther(plan.back);
  }
}

async function receive(
  plan: Pick<UploadPlan<never, never>, "request" | "guard" | "mostBytes" | "tooLarge">,
  actor: Actor,
): Promise<Result<{ readonly fields: Fields; readonly file: SentFile }>> {
  const { headers } = plan.request;
  if (!isOwnOrigin(headers.get("origin"), headers.get("host"), env().APP_URL)) {
    return refuse({ code: "origin_not_allowed" });
  }
  const allowed = plan.guard(actor);
  if (!allowed.ok) return allowed;
  const body = await readBody(plan.request, plan.mostBytes + FORM_BYTES);
  if (body === null) return refuse(plan.tooLarge);
  const data = await readForm(body, headers.get("content-type") ?? "");
  const file = data?.get("file");
  // A form without a chosen file sends an empty one.
  if (data === null || !(file instanceof File) || (file.name === "" && file.size === 0)) {
    return refuse({ code: "input_invalid", fields: { file: "required" } });
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.byteLength > plan.mostBytes) return refuse(plan.tooLarge);
  return { ok: true, value: { fields: readFields(data), file: { name: file.name, bytes } } };
}

/** The body, or null when it is longer than that; no more is ever read. */
async function readBody(request: Request, mostBytes: number): Promise<Buffer | null> {
  if (Number(request.headers.get("content-length") ?? 0) > mostBytes) return null;
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) return Buffer.concat(parts);
    size += part.value.byteLength;
    if (size > mostBytes) {
      await reader?.cancel();
      return null;
    }
    parts.push(part.value);
  }
}

/** The form in a body; null when it is none. */
async function readForm(body: Buffer, contentType: string): Promise<FormData | null> {
  try {
    return await new Response(new Uint8Array(body), {
      headers: { "Content-Type": contentType },
    }).formData();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function seeOther(path: string): Response {
  return new Response(null, { status: 303, headers: { Location: path } });
}
