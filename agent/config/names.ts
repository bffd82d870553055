import { z } from 'zod';

/** Fits every AWS region name, also of regions that open later. */
export const REGION_PATTERN = /^[a-z]{2,4}(-[a-z]+)+-\d$/;

export const identifier = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: 'must be 1 to 63 small letters, digits and hyphens, and start with a letter or digit',
});

export const accountId = z
  .string({
    error: ({ input }) =>
      typeof input === 'number'
        ? 'must stand in quotes, because YAML reads bare digits as a number and cuts leading zeros'
        : undefined,
  })
  .regex(/^(\d{12}|\d{4}-\d{4}-\d{4})$/, { error: 'must be 12 digits in quotes, such as "123456789012"' })
  .transform((text) => text.replaceAll('-', ''));

export const regionName = z.string().regex(REGION_PATTERN, {
  error: 'is not the name of an AWS region; names look like us-east-1 or ap-southeast-2',
});

/** Between the regions of other partitions EventBridge forwards nothing (announcements of 2021-11 and 2022-06). */
export const hubRegionName = regionName.regex(/^(?!cn-|eusc-|(us|eu)-iso)/, {
  error: 'must be a region of the partitions aws or aws-us-gov: EventBridge forwards between no others',
});

export const regionGlob = z.string().regex(/^[a-z0-9*-]+$/, {
  error: 'must be a region name or a pattern such as eu-*',
});

/** Lengths as in the Organizations API reference, type Parent. */
export const organizationalUnit = z.string().regex(/^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/, {
  error: 'must be the id of an organizational unit or of the root, such as ou-ab12-c3d4e5f6 or r-ab12',
});

export const roleName = z.string().regex(/^[\w+=,.@-]{1,64}$/, { error: 'is not the name of an IAM role' });

export const roleArn = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, {
  error: 'must be the ARN of a role, such as arn:aws:iam::123456789012:role/Name',
});
