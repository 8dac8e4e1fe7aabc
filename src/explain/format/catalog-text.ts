/** Returns `catalog of 2026-10-07`. Every sentence that is based on the catalog gets its date here. */
export const catalogOf = (asOf: string | undefined): string => `catalog of ${asOf ?? "an unknown date"}`;

/** `the catalog of 2026-10-07` */
export const theCatalog = (asOf: string | undefined): string => `the ${catalogOf(asOf)}`;

/** Returns what it may mean that a catalog doesn't contain a model or profile. */
export const notInCatalog = (id: string, asOf: string | undefined): string =>
  `${theCatalog(asOf)} doesn't contain ${id}, which might be newer than this catalog`;
