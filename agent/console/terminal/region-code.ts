const DIRECTIONS: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  southeast: 'se',
  northwest: 'nw',
  southwest: 'sw',
};

/** A region as narrow columns name it: `us-east-1` is use1, `us-gov-west-1` usgw1. */
export function regionCode(region: string): string {
  const [area = '', ...rest] = region.split('-');
  return (
    area + rest.map((part) => DIRECTIONS[part] ?? (/^\d+$/.test(part) ? part : part.slice(0, 1))).join('')
  );
}
