import { randomBytes } from 'node:crypto';

/** A customer who exists in no other test. */
export interface Customer {
  name: string;
  slug: string;
  ownerName: string;
  ownerEmail: string;
}

/** Letters and digits that no other test has, a letter first. */
export const tag = () => `t${randomBytes(5).toString('hex')}`;

export function customer(): Customer {
  const own = tag();
  return {
    name: `Golden ${own}`,
    slug: `golden-${own}`,
    ownerName: 'Mira Sato',
    ownerEmail: `mira@${own}.example`,
  };
}
