import { openCheckout, orderNumberIn, pressPay, waitForPhase } from "./renewing.ts";
import type { Portal } from "./portal.ts";
import type { Traveller } from "./traveller.ts";

/** Has a traveller renew from the balance, and returns the number of the live order. */
export async function giveOrder(
  portal: Pick<Portal, "open">,
  traveller: Traveller,
  planCode: string,
): Promise<string> {
  const page = await portal.open({ as: traveller, javaScript: false });
  await openCheckout(page, traveller.iccid, planCode);
  await pressPay(page, "balance", traveller.locale);
  await waitForPhase(page, "live", { locale: traveller.locale, pressing: true });
  const number = orderNumberIn(page);
  await page.context().close();
  return number;
}
