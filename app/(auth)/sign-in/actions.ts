"use server";

import { currentActor, startSession } from "#lib/access/session.ts";
import { getDashboard } from "#lib/services/account/get-dashboard.ts";
import { SignInInput } from "#lib/services/account/schemas.ts";
import { signIn } from "#lib/services/account/sign-in.ts";
import { ownPath } from "#lib/web/address.ts";
import { isOutOfData } from "#lib/web/data-saver.ts";
import { rememberDataSaver } from "#lib/web/remember-data-saver.ts";
import { readFields, runAction, SIGN_IN_FORM } from "#lib/web/run-action.ts";

/** Signs in and goes where the visitor wanted to go. */
export async function submitSignIn(data: FormData): Promise<void> {
  const wanted = ownPath(readFields(data)["next"], "");
  await runAction({
    form: SIGN_IN_FORM,
    data,
    back: wanted === "" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(wanted)}`,
    schema: SignInInput,
    verb: signIn,
    keep: ["email"],
    next: async ({ accountId, role }) => {
      await startSession(accountId);
      if (role !== "customer") return wanted === "" ? "/console" : wanted;
      const dashboard = await getDashboard(await currentActor());
      if (dashboard.ok) await rememberDataSaver(isOutOfData(dashboard.value.esims));
      return wanted === "" ? "/dashboard" : wanted;
    },
  });
}
