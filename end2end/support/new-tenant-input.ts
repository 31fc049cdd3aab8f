import { randomBytes } from 'node:crypto';

/** The input of the provisioning form, unique to one test. */
export interface NewTenantInput {
  name: string;
  slug: string;
  ownerName: string;
  ownerEmail: string;
}

/** A unique string of letters and digits that begins with a letter. */
export const uniqueTag = () => `t${randomBytes(5).toString('hex')}`;

export function newTenantInput(): NewTenantInput {
  const unique = uniqueTag();
  return {
    name: `Golden ${unique}`,
    slug: `golden-${unique}`,
    ownerName: 'Mira Sato',
    ownerEmail: `mira@${unique}.example`,
  };
}
