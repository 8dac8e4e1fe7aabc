/** Prints two texts in two columns, as wide as the terminal, or 100 characters without a terminal. */
export function sideBySide(left: readonly string[], right: readonly string[]): string {
  const width = Math.min(Math.max(process.stdout.columns ?? 100, 60), 160);
  const column = Math.floor((width - 3) / 2);
  const [before, after] = [left, right].map((lines) => lines.flatMap((line) => wrapped(line, column)));
  const rows = Math.max(before?.length ?? 0, after?.length ?? 0);
  const rule = `${"─".repeat(column)}─┬─${"─".repeat(column)}`;
  const body = Array.from(
    { length: rows },
    (_, row) => `${(before?.[row] ?? "").padEnd(column)} │ ${after?.[row] ?? ""}`,
  );
  return ["", `${"BEFORE".padEnd(column)} │ AFTER`, rule.replace("┬", "┼"), ...body, ""].join("\n");
}

/** Breaks lines at spaces. Breaks a word only if it is longer than the column. */
function wrapped(text: string, column: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= column) lines[lines.length - 1] = longer;
    else lines.push(...(word.match(new RegExp(`.{1,${column}}`, "g")) ?? []));
  }
  return lines[0] === "" && lines.length > 1 ? lines.slice(1) : lines;
}
