/** The words of the hosted test page, in the two languages of the demo. */
export interface PageTexts {
  lang: string;
  banner: string;
  pay: string;
  back: string;
  total: string;
  howToPay: string;
  email: string;
  cardNumber: string;
  cardHint: string;
  testCards: string;
  saved: string;
  saveTitle: string;
  saveCard: string;
  errorSummary: string;
  errorPrefix: string;
  confirmTitle: string;
  confirmText: string;
  confirmYes: string;
  confirmNo: string;
  walletTitle: string;
  walletText: string;
  walletYes: string;
  walletLater: string;
  walletNo: string;
  anotherCard: string;
  transferTitle: string;
  transferText: string;
  transferMissing: string;
  transferReference: string;
  transferAccount: string;
  transferTest: string;
  transferAmount: string;
  transferArrives: string;
  expiredTitle: string;
  expiredText: string;
  doneTitle: string;
  doneText: string;
  returnToShop: string;
  waitingTitle: string;
  waitingText: string;
  moneyArrives: string;
  moneyFails: string;
  receipt: string;
  methods: Record<string, string>;
  cards: Record<string, string>;
  errors: Record<string, string>;
}

const en: PageTexts = {
  lang: "en",
  banner: "Test page of the payment stand-in. No money moves.",
  pay: "Pay",
  back: "Back",
  total: "Total",
  howToPay: "How would you like to pay?",
  email: "Email",
  cardNumber: "Card number",
  cardHint: "A test number. Never enter a real card here.",
  testCards: "Test numbers",
  saved: "What you pay with will be saved for automatic renewals.",
  saveTitle: "Save a card",
  saveCard: "Save card",
  errorSummary: "There is a problem",
  errorPrefix: "Error: ",
  confirmTitle: "Confirm the payment with your bank",
  confirmText: "This stands for the page on which a bank asks its customer to confirm.",
  confirmYes: "Confirm",
  confirmNo: "Refuse",
  walletTitle: "Authorise the payment in your wallet",
  walletText: "This stands for the wallet's own page or app.",
  walletYes: "Authorise",
  walletLater: "Authorise; the wallet confirms later",
  walletNo: "Decline",
  anotherCard: "Another card",
  transferTitle: "Transfer the money from your bank",
  transferText: "Your order goes on as soon as the whole amount has arrived.",
  transferMissing: "Still missing",
  transferReference: "Reference",
  transferAccount: "Account",
  transferTest: "For testing: let a transfer arrive",
  transferAmount: "Amount, in the smallest unit",
  transferArrives: "The transfer arrives",
  expiredTitle: "This payment page has expired",
  expiredText: "Nothing was charged. Go back and start again.",
  doneTitle: "This payment is complete",
  doneText: "You can go back to the shop.",
  returnToShop: "Return to the shop",
  waitingTitle: "Waiting for the money",
  waitingText: "The shop was told that the payment is on its way. Decide how it ends:",
  moneyArrives: "The money arrives",
  moneyFails: "The payment fails",
  receipt: "Receipt",
  methods: {
    card: "Card",
    alipay: "Alipay",
    wechat_pay: "WeChat Pay",
    sepa_debit: "SEPA Direct Debit (money arrives later)",
    bacs_debit: "Bacs Direct Debit (money arrives later)",
    us_bank_account: "US bank account (money arrives later)",
    konbini: "Convenience store (money arrives later)",
    grabpay: "GrabPay",
    customer_balance: "Bank transfer",
  },
  cards: {
    "4242 4242 4242 4242": "succeeds",
    "4000 0025 0000 3155": "asks the bank to confirm",
    "4000 0027 6000 3184": "asks the bank every time",
    "4000 0000 0000 0002": "is declined",
    "4000 0000 0000 9995": "has insufficient funds",
    "4000 0000 0000 0341": "is declined at the next automatic renewal",
    "4000 0000 0000 0259": "is disputed afterwards",
  },
  errors: {
    card_number: "Enter a test card number.",
    unknown_card: "This is not one of the test numbers.",
    email: "Enter an email address, like name@example.com.",
    method: "Choose how to pay.",
    insufficient_funds: "Your card has insufficient funds. Try another card.",
    expired_card: "Your card has expired. Try another card.",
    incorrect_cvc: "Your card's security code is incorrect.",
    payment_intent_authentication_failure:
      "The payment was not confirmed. Try again or use another card.",
    setup_intent_authentication_failure:
      "The card was not confirmed. Try again or use another card.",
    declined: "Your card was declined. Try another card.",
  },
};

const zh: PageTexts = {
  lang: "zh-CN",
  banner: "支付测试页面，不会发生真实扣款。",
  pay: "支付",
  back: "返回",
  total: "合计",
  howToPay: "选择支付方式",
  email: "邮箱",
  cardNumber: "卡号",
  cardHint: "请使用测试卡号，切勿输入真实卡号。",
  testCards: "测试卡号",
  saved: "所选支付方式将被保存，用于自动续费。",
  saveTitle: "保存银行卡",
  saveCard: "保存",
  errorSummary: "请先解决以下问题",
  errorPrefix: "错误：",
  confirmTitle: "请向发卡行确认付款",
  confirmText: "此页面代替发卡行的付款确认页面。",
  confirmYes: "确认付款",
  confirmNo: "拒绝付款",
  walletTitle: "在电子钱包中授权付款",
  walletText: "此页面代替电子钱包的付款页面或应用。",
  walletYes: "授权付款",
  walletLater: "授权付款，稍后确认",
  walletNo: "拒绝付款",
  anotherCard: "使用其他银行卡",
  transferTitle: "请通过银行转账付款",
  transferText: "全款到账后，订单会立即继续处理。",
  transferMissing: "待付金额",
  transferReference: "转账附言",
  transferAccount: "收款账户",
  transferTest: "测试用：模拟转账到账",
  transferAmount: "金额（以最小货币单位计）",
  transferArrives: "转账到账",
  expiredTitle: "支付页面已过期",
  expiredText: "没有发生扣款，请返回后重新下单。",
  doneTitle: "付款已完成",
  doneText: "可以返回商户页面了。",
  returnToShop: "返回商户",
  waitingTitle: "等待到账",
  waitingText: "已通知商户付款正在处理。请选择最终结果：",
  moneyArrives: "款项到账",
  moneyFails: "付款失败",
  receipt: "收据",
  methods: {
    card: "银行卡",
    alipay: "支付宝",
    wechat_pay: "微信支付",
    sepa_debit: "SEPA 直接借记（稍后到账）",
    bacs_debit: "Bacs 直接借记（稍后到账）",
    us_bank_account: "美国银行账户（稍后到账）",
    konbini: "便利店付款（稍后到账）",
    grabpay: "GrabPay",
    customer_balance: "银行转账",
  },
  cards: {
    "4242 4242 4242 4242": "支付成功",
    "4000 0025 0000 3155": "需要发卡行确认",
    "4000 0027 6000 3184": "每次都需要发卡行确认",
    "4000 0000 0000 0002": "被拒绝",
    "4000 0000 0000 9995": "余额不足",
    "4000 0000 0000 0341": "下次自动续费时被拒绝",
    "4000 0000 0000 0259": "付款后被持卡人拒付",
  },
  errors: {
    card_number: "请输入测试卡号。",
    unknown_card: "这不是可用的测试卡号。",
    email: "请输入邮箱地址，例如 name@example.com。",
    method: "请选择支付方式。",
    insufficient_funds: "卡内余额不足，请换一张卡。",
    expired_card: "卡片已过期，请换一张卡。",
    incorrect_cvc: "卡片安全码不正确。",
    payment_intent_authentication_failure: "付款未获确认，请重试或换一张卡。",
    setup_intent_authentication_failure: "卡片未获确认，请重试或换一张卡。",
    declined: "付款被拒绝，请换一张卡。",
  },
};

/** Chinese when the session, or else the browser, asks for it; English otherwise. */
export function textsFor(locale: string | null, acceptLanguage: string | undefined): PageTexts {
  const wanted = locale && locale !== "auto" ? locale : (acceptLanguage ?? "en");
  return /^\s*zh/i.test(wanted) ? zh : en;
}
