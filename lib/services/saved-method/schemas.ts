import { z } from "zod";

export const RemoveSavedMethodInput = z.object({ savedMethodId: z.uuid() });
export type RemoveSavedMethodInput = z.infer<typeof RemoveSavedMethodInput>;
