import type { CountryCoverage } from "#lib/domain/plan.ts";

/** Networks that visitors' eSIMs use, by country (ISO 3166-1 alpha-2), as the operators call themselves. */
const NETWORKS: Readonly<Record<string, readonly string[]>> = {
  AE: ["e&", "du"],
  AR: ["Claro", "Movistar", "Personal"],
  AT: ["A1", "Magenta", "Drei"],
  AU: ["Telstra", "Optus", "Vodafone"],
  BE: ["Proximus", "Orange", "Telenet"],
  BG: ["A1", "Yettel", "Vivacom"],
  BH: ["Batelco", "Zain", "stc"],
  BR: ["Vivo", "Claro", "TIM"],
  CA: ["Rogers", "Bell", "Telus"],
  CH: ["Swisscom", "Sunrise", "Salt"],
  CL: ["Entel", "Movistar", "Claro"],
  CN: ["China Unicom", "China Mobile", "China Telecom"],
  CO: ["Claro", "Movistar", "Tigo"],
  CY: ["Cyta", "Epic"],
  CZ: ["O2", "T-Mobile", "Vodafone"],
  DE: ["Telekom", "Vodafone", "O2"],
  DK: ["TDC NET", "Telenor", "3"],
  EE: ["Telia", "Elisa", "Tele2"],
  EG: ["Vodafone", "Orange", "e&"],
  ES: ["Movistar", "Orange", "Vodafone"],
  FI: ["Elisa", "DNA", "Telia"],
  FR: ["Orange", "SFR", "Bouygues Telecom", "Free"],
  GB: ["EE", "O2", "Vodafone", "Three"],
  GR: ["Cosmote", "Vodafone", "Nova"],
  HK: ["csl", "3 Hong Kong", "China Mobile HK", "SmarTone"],
  HR: ["Hrvatski Telekom", "A1", "Telemach"],
  HU: ["Magyar Telekom", "Yettel", "One"],
  ID: ["Telkomsel", "XL", "Indosat Ooredoo Hutchison"],
  IE: ["Vodafone", "Three", "eir"],
  IN: ["Airtel", "Jio", "Vi"],
  IS: ["Síminn", "Nova"],
  IT: ["TIM", "Vodafone", "WindTre"],
  JP: ["NTT Docomo", "SoftBank", "KDDI"],
  KE: ["Safaricom", "Airtel"],
  KH: ["Smart", "Cellcard", "Metfone"],
  KR: ["SK Telecom", "KT", "LG U+"],
  KW: ["Zain", "Ooredoo", "stc"],
  LA: ["Unitel", "Lao Telecom"],
  LK: ["Dialog", "Mobitel"],
  LT: ["Telia", "Bitė", "Tele2"],
  LU: ["POST", "Orange", "Tango"],
  LV: ["LMT", "Tele2", "Bite"],
  MA: ["Maroc Telecom", "Orange", "inwi"],
  MO: ["CTM", "3 Macau", "China Telecom Macau"],
  MT: ["Epic", "GO", "Melita"],
  MX: ["Telcel", "AT&T México", "Movistar"],
  MY: ["Maxis", "CelcomDigi", "U Mobile"],
  NL: ["KPN", "Odido", "Vodafone"],
  NO: ["Telenor", "Telia"],
  NZ: ["Spark", "One NZ", "2degrees"],
  OM: ["Omantel", "Ooredoo"],
  PE: ["Claro", "Movistar", "Entel"],
  PH: ["Globe", "Smart"],
  PL: ["Orange", "Play", "Plus", "T-Mobile"],
  PT: ["MEO", "NOS", "Vodafone"],
  QA: ["Ooredoo", "Vodafone"],
  RO: ["Orange", "Vodafone", "Digi"],
  SA: ["stc", "Mobily", "Zain"],
  SE: ["Telia", "Tele2", "Telenor", "Tre"],
  SG: ["Singtel", "StarHub", "M1"],
  SI: ["Telekom Slovenije", "A1", "Telemach"],
  SK: ["Orange", "Telekom", "O2"],
  TH: ["AIS", "TrueMove H"],
  TR: ["Turkcell", "Vodafone", "Türk Telekom"],
  TW: ["Chunghwa Telecom", "Taiwan Mobile", "FarEasTone"],
  US: ["AT&T", "T-Mobile", "Verizon"],
  VN: ["Viettel", "Vinaphone", "MobiFone"],
  ZA: ["Vodacom", "MTN", "Cell C"],
};

/** Where a plan is valid: one country, or the region a carrier sells as one. */
export type Area =
  | "CN"
  | "CHM"
  | "JP"
  | "KR"
  | "TH"
  | "SEA"
  | "AS"
  | "GB"
  | "EU"
  | "TR"
  | "AE"
  | "GCC"
  | "US"
  | "NA"
  | "LATAM"
  | "ANZ"
  | "GL";

const AREAS: Readonly<Record<Area, readonly string[]>> = {
  CN: ["CN"],
  CHM: ["CN", "HK", "MO"],
  JP: ["JP"],
  KR: ["KR"],
  TH: ["TH"],
  SEA: ["SG", "MY", "TH", "VN", "ID", "PH"],
  AS: "CN HK MO TW JP KR SG MY TH VN ID PH KH LA IN LK".split(" "),
  GB: ["GB"],
  EU: "GB IE FR DE IT ES PT NL BE LU CH AT DK SE NO FI IS PL CZ SK HU RO BG GR HR SI EE LV LT MT CY".split(
    " ",
  ),
  TR: ["TR"],
  AE: ["AE"],
  GCC: ["AE", "SA", "QA", "KW", "BH", "OM"],
  US: ["US"],
  NA: ["US", "CA", "MX"],
  LATAM: ["BR", "AR", "CL", "PE", "CO", "MX"],
  ANZ: ["AU", "NZ"],
  GL: Object.keys(NETWORKS),
};

/**
 * The areas whose packages the carrier puts on an eSIM that was made for the first one. An eSIM takes
 * the packages of its own area and of those that hold it or lie within its profile's reach.
 */
const REACH: Readonly<Partial<Record<Area, readonly Area[]>>> = {
  AS: ["AS", "CHM", "TH"],
  JP: ["JP", "AS"],
  GB: ["GB", "EU"],
  EU: ["EU", "GB"],
  AE: ["AE", "GCC", "GL"],
  GCC: ["GCC", "AE", "GL"],
  NA: ["NA", "US", "GL"],
  GL: ["GL", "EU"],
};

/** The countries of an area with their networks. */
export function coverageOf(area: Area): readonly CountryCoverage[] {
  return AREAS[area].map((countryCode) => ({
    countryCode,
    networks: NETWORKS[countryCode] ?? [],
  }));
}

/** The areas whose packages fit an eSIM made for `area`, its own first. */
export function reachOf(area: Area): readonly Area[] {
  return REACH[area] ?? [area];
}

/** Whether an area is one country, a region or the world. */
export function scopeOf(area: Area): "domestic" | "regional" | "global" {
  if (area === "GL") return "global";
  return AREAS[area].length === 1 ? "domestic" : "regional";
}
