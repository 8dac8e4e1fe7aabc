/** A table of a Markdown page. */
export interface MarkdownTable {
  /** The text lines between the table and what comes before it, such as `**Geo: US**`. */
  captions: string[];
  /** Column titles without their formatting, in lowercase. */
  columns: string[];
  rows: string[][];
}

/** Reads all tables of a Markdown page. Cells keep their text, but lose backticks and asterisks. */
export function tablesIn(markdown: string): MarkdownTable[] {
  const tables: MarkdownTable[] = [];
  let captions: string[] = [];
  let table: MarkdownTable | undefined;
  for (const line of markdown.split("\n").map((text) => text.trim())) {
    if (line.startsWith("|")) {
      const cells = cellsIn(line);
      if (table === undefined) {
        table = { captions, columns: cells.map((cell) => cell.toLowerCase()), rows: [] };
        tables.push(table);
        captions = [];
      } else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) {
        table.rows.push(cells);
      }
      continue;
    }
    table = undefined;
    // A heading starts a new section, to which the lines before it don't belong.
    if (line.startsWith("#")) captions = [];
    else if (line !== "") captions.push(plain(line));
  }
  return tables;
}

/** Returns one column of a table's row, or "" if the table has no such column. */
export function cell(table: MarkdownTable, row: readonly string[], column: (title: string) => boolean): string {
  const at = table.columns.findIndex(column);
  return at < 0 ? "" : (row[at] ?? "");
}

const plain = (text: string) => text.replaceAll("`", "").replaceAll("*", "").trim();

const cellsIn = (line: string) => line.replace(/^\|/, "").replace(/\|$/, "").split("|").map(plain);
