import { framed } from "#app/frame.tsx";
import { EsimDetails } from "#components/esim/esim-details.tsx";
import { requireCustomer } from "#lib/access/session.ts";
import { getEsim } from "#lib/services/esim/get-esim.ts";
import { businessTime } from "#lib/web/now.ts";
import { valueOf } from "#lib/web/value-of.ts";

export default framed<{ iccid: string }>(async ({ params, reader }) => {
  const esim = valueOf(await getEsim(await requireCustomer(), params));
  return {
    title: esim.label,
    section: "overview",
    body: <EsimDetails esim={esim} reader={reader} now={businessTime()} />,
  };
});
