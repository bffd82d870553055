/** A seed to print, so that a run can be repeated with GUARDRELAY_PEERS_SEED. */
export function chooseSeed(): number {
  const { GUARDRELAY_PEERS_SEED: given } = process.env;
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
}
