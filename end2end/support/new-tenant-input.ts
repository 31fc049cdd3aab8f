import { randomBytes } from 'node:crypto';

/** A customer who exists in no other test. */
export interface NewTenantInput {
  name: string;
  slug: string;
  ownerName: string;
  ownerEmail: string;
}

/** Letters and digits that no other test has, a letter first. */
export const uniqueTag = () => `t${randomBytes(5).toString('hex')}`;

export function newTenantInput(): NewTenantInput {
  const own = uniqueTag();
  return {
    name: `Golden ${own}`,
    slug: `golden-${own}`,
    ownerName: 'Mira Sato',
    ownerEmail: `mira@${own}.example`,
  };
}
