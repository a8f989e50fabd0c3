import { redirect } from "next/navigation";
import { framed, homeOf } from "#app/frame.tsx";
import { SignInForm } from "#components/account/sign-in-form.tsx";
import { env } from "#lib/config/env.ts";
import { translator } from "#lib/i18n/translator.ts";
import { ownPath } from "#lib/web/address.ts";
import { readAnswer } from "#lib/web/form-answer.ts";
import { presentAnswer } from "#lib/web/present-answer.ts";
import { SIGN_IN_FORM } from "#lib/web/run-action.ts";
import { submitSignIn } from "./actions.ts";

export default framed(async ({ actor, reader, query }) => {
  if (actor.kind !== "visitor") redirect(ownPath(query("next"), homeOf(actor)));
  const { problems, values } = presentAnswer(await readAnswer(SIGN_IN_FORM), reader.locale, {
    credentials_wrong: "email",
  });
  return {
    title: translator(reader.locale, "signIn")("title"),
    failed: problems.length > 0,
    section: "signIn",
    body: (
      <SignInForm
        locale={reader.locale}
        action={submitSignIn}
        problems={problems}
        values={values}
        next={ownPath(query("next"), "")}
        contact={env().SUPPORT_EMAIL ?? env().SUPPORT_PHONE ?? null}
      />
    ),
  };
});
