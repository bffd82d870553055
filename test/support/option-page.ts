/** What stands in backquotes, outside of examples. */
function codeIn(text: string): readonly string[] {
  return [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Names in the first column of the table of options. */
function optionsIn(page: string): readonly string[] {
  const [, table = ''] = /^\| option .*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(page) ?? [];
  return table.split('\n').flatMap((row) => codeIn(row.split(' | ')[0] ?? ''));
}

/** What of the options a page does not name, and what it names that is none. */
export function optionDifference(page: string, options: readonly string[]) {
  const code = codeIn(page).join('\n');
  const named = optionsIn(page).map((option) => option.replace(/\..*/, ''));
  return {
    named: named.length,
    missing: options.filter((option) => !new RegExp(`\\b${option}\\b`).test(code)),
    unknown: named.filter((option) => !options.includes(option)),
  };
}
