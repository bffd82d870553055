export const command = 'schema';
export const describe = 'Print the JSON Schema of the configuration file';

export async function handler(): Promise<void> {
  const { configurationJsonSchema } = await import('../config/json-schema.ts');
  process.stdout.write(configurationJsonSchema());
}
