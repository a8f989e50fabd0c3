import type { Esim, Package } from "./model.ts";
import type { Body } from "./requests.ts";
import { EsimAccessRefusal } from "./wire.ts";
import type { EsimAccessWorld } from "./world.ts";

/** `package/list`: the catalogue, or the top-ups that fit a package or an eSIM. */
export function listPackages(world: EsimAccessWorld, body: Body<"package/list">): unknown {
  const packages = body.type === "TOPUP" ? topUpsFor(world, body) : basePackages(world, body);
  const inPlace = packages.filter((each) => isIn(each, body.locationCode));
  return { packageList: inPlace.map(showPackage) };
}

function basePackages(world: EsimAccessWorld, body: Body<"package/list">): Package[] {
  return world
    .list("package")
    .filter((each) => each.type === "BASE")
    .filter((each) => body.packageCode === null || each.packageCode === body.packageCode)
    .filter((each) => body.slug === null || each.slug === body.slug);
}

function topUpsFor(world: EsimAccessWorld, body: Body<"package/list">): Package[] {
  if (body.esimTranNo || body.iccid) {
    const esim = body.esimTranNo
      ? world.find("esim", body.esimTranNo)
      : (world.list("esim", { iccid: body.iccid ?? "" }).at(-1) ?? null);
    if (!esim) throw new EsimAccessRefusal("310403");
    return topUpsOf(world, esim);
  }
  const all = world.list("package").filter((each) => each.type === "TOPUP");
  if (body.packageCode === null && body.slug === null) return all;
  const base = findPackage(world, body.packageCode ?? body.slug ?? "", "BASE");
  if (!base) throw new EsimAccessRefusal("310241");
  return all.filter((topUp) => fits(topUp, base));
}

/** The top-ups that fit this eSIM. */
export function topUpsOf(world: EsimAccessWorld, esim: Esim): Package[] {
  const all = world.list("package").filter((each) => each.type === "TOPUP");
  const own = esim.topUpPackageCodes;
  if (own) return all.filter((topUp) => own.includes(topUp.packageCode));
  const base = world.find("package", esim.packageCode);
  return base ? all.filter((topUp) => fits(topUp, base)) : [];
}

function fits(topUp: Package, base: Package): boolean {
  return topUp.topUpFor?.includes(base.packageCode) ?? topUp.location === base.location;
}

/** A package by its code or its slug. */
export function findPackage(
  world: EsimAccessWorld,
  code: string,
  type: Package["type"],
): Package | null {
  const byCode = world.find("package", code);
  if (byCode?.type === type) return byCode;
  return world.list("package").find((each) => each.slug === code && each.type === type) ?? null;
}

/** `!RG` means several countries, `!GL` thirty and more; otherwise a country or the exact list. */
function isIn(each: Package, locationCode: string | null): boolean {
  if (locationCode === null) return true;
  const countries = each.location.split(",");
  if (locationCode === "!GL") return countries.length >= 30;
  if (locationCode === "!RG") return countries.length > 1 && countries.length < 30;
  return countries.includes(locationCode) || each.location === locationCode;
}

function showPackage({ type: _type, topUpFor: _topUpFor, ...shown }: Package): object {
  return shown;
}

/** `location/list`: the places that the catalogue serves. */
export function listLocations(world: EsimAccessWorld): unknown {
  const names = new Intl.DisplayNames("en", { type: "region" });
  const codes = new Set(world.list("package").flatMap((each) => each.location.split(",")));
  const countries = [...codes].filter((code) => /^[A-Z]{2}$/.test(code)).toSorted();
  return {
    locationList: countries.map((code) => ({
      code,
      name: names.of(code) ?? code,
      type: 1,
      subLocationList: null,
    })),
  };
}
