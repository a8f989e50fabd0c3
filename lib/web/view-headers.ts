/**
 * Names of the headers by which the proxy tells the pages about a request. It overwrites whatever a
 * client sends under these names.
 */
export const VIEW_HEADERS = {
  path: "x-path",
  light: "x-light",
  locale: "x-locale",
  chosen: "x-locale-chosen",
  answer: "x-answer",
} as const;
