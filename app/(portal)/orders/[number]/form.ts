export const RESUME_FORM = "resume";
