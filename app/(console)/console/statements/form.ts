export const IMPORT_FORM = "import-statement";
export const DECIDE_FORM = "assign-line";
