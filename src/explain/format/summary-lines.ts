/**
 * The lines of a summary. The first states what was denied, where, and by what. The second states who does what. The
 * others contain what else is known.
 */
export type SummaryLines = [denied: string, action: string, ...more: string[]];
