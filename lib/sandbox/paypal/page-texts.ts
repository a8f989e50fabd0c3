import type { Funding } from "./world.ts";

/** The words of the approval page, in the two languages of the demo. */
export interface PageTexts {
  lang: string;
  banner: string;
  title: (shop: string) => string;
  payNow: string;
  goOn: string;
  cancel: string;
  total: string;
  account: string;
  howToPay: string;
  saved: (shop: string) => string;
  declined: string;
  errorSummary: string;
  errorPrefix: string;
  badAccount: string;
  overTitle: string;
  overText: string;
  doneTitle: string;
  doneText: string;
  returnToShop: string;
  fundings: Record<Funding, string>;
}

const en: PageTexts = {
  lang: "en",
  banner: "Test page of the PayPal stand-in. No money moves.",
  title: (shop) => `Pay ${shop} with PayPal`,
  payNow: "Pay now",
  goOn: "Continue",
  cancel: "Cancel and return to the shop",
  total: "Total",
  account: "PayPal account (email)",
  howToPay: "Which funds would you like to use?",
  saved: (shop) => `${shop} may charge this PayPal account for automatic renewals.`,
  declined: "Your last choice was declined. Choose other funds.",
  errorSummary: "There is a problem",
  errorPrefix: "Error: ",
  badAccount: "Enter an email address, like name@example.com.",
  overTitle: "This payment is over",
  overText: "Nothing was charged. Go back to the shop and start again.",
  doneTitle: "You have approved this payment",
  doneText: "You can go back to the shop.",
  returnToShop: "Return to the shop",
  fundings: {
    balance: "PayPal balance (pays at once)",
    bank: "Bank account (the money arrives later)",
    review: "PayPal balance, looked at by PayPal first",
    declined: "A card that is declined; you may choose again",
    refused: "An account that PayPal refuses",
    denied: "A payment that PayPal takes and then denies",
    slow_refunds: "PayPal balance; refunds arrive later",
    declines_later: "PayPal balance; declined at the next automatic renewal",
    saved_later: "PayPal balance; saved for later payments with a delay",
  },
};

const zh: PageTexts = {
  lang: "zh-CN",
  banner: "PayPal 测试页面，不会发生真实扣款。",
  title: (shop) => `使用 PayPal 向 ${shop} 付款`,
  payNow: "立即付款",
  goOn: "继续",
  cancel: "取消并返回商户",
  total: "合计",
  account: "PayPal 账户（邮箱）",
  howToPay: "选择付款来源",
  saved: (shop) => `授权 ${shop} 在自动续费时从此 PayPal 账户扣款。`,
  declined: "刚才选择的来源被拒绝，请换一个。",
  errorSummary: "请先解决以下问题",
  errorPrefix: "错误：",
  badAccount: "请输入邮箱地址，例如 name@example.com。",
  overTitle: "这笔付款已结束",
  overText: "没有发生扣款，请返回商户后重新下单。",
  doneTitle: "您已同意付款",
  doneText: "可以返回商户页面了。",
  returnToShop: "返回商户",
  fundings: {
    balance: "PayPal 余额（立即到账）",
    bank: "银行账户（稍后到账）",
    review: "PayPal 余额，需先经 PayPal 审核",
    declined: "会被拒绝的银行卡，可重新选择",
    refused: "被 PayPal 拒绝的账户",
    denied: "PayPal 受理后又拒付的付款",
    slow_refunds: "PayPal 余额；退款稍后到账",
    declines_later: "PayPal 余额；下次自动续费时被拒绝",
    saved_later: "PayPal 余额；稍后才保存授权",
  },
};

/** Chinese when the order, or else the browser, asks for it; English otherwise. */
export function textsFor(
  locale: string | undefined,
  acceptLanguage: string | undefined,
): PageTexts {
  return /^\s*zh/i.test(locale ?? acceptLanguage ?? "en") ? zh : en;
}
