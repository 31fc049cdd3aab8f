import { expect } from '@playwright/test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The messages to an address that a server without a mail server has written to its folder, oldest first. */
function messagesTo(dataDir: string, address: string): string[] {
  const folder = join(dataDir, 'mail');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  const messages = files.sort().map((name) => decode(readFileSync(join(folder, name), 'utf8')));
  return messages.filter((message) => new RegExp(`^To: .*${address}`, 'im').test(message));
}

/** Waits until an address has `count` messages, and returns the first link in the last one below `path`. */
export async function linkInMail(dataDir: string, address: string, path: string, count = 1): Promise<string> {
  const messages = () => messagesTo(dataDir, address);
  await expect.poll(() => messages().length, { message: `mail to ${address}`, timeout: 60_000 }).toBe(count);
  const [link] = new RegExp(`https?://[^\\s"<>]+${path}/[\\w-]+`).exec(messages().at(-1)!) ?? [];
  expect(link, `a link in the mail to ${address}`).toBeTruthy();
  return link!;
}

/** Decodes quoted-printable and base64, as far as links need it. */
function decode(message: string): string {
  const unfolded = message.replace(/=\r?\n/g, '').replace(/=3D/g, '=');
  return unfolded.replace(/(?:^[A-Za-z0-9+/]{60,}={0,2}\r?\n)+[A-Za-z0-9+/]*={0,2}/gm, (block) =>
    Buffer.from(block, 'base64').toString('utf8'),
  );
}
