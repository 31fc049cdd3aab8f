import { expect } from '@playwright/test';
import { ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A message as a mail client reads it. */
export interface ReceivedMail {
  to: { name: string; address: string }[];
  subject: string;
  text: string;
  html: string;
  /** The links in the HTML, without repetitions. */
  links: string[];
}

/** A mail server with STARTTLS and AUTH that keeps the messages which a server sends to it. */
export class Mailbox {
  private readonly messages: ReceivedMail[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** Starts a mail server on a free port of the loopback interface. */
  static async start(): Promise<Mailbox> {
    const child = spawn(process.execPath, [join(__dirname, 'smtp-server.mjs')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new Promise((resolve, reject) => {
      let mailbox: Mailbox | undefined;
      child.once('exit', (code) => reject(new Error(`the mail server ended with status ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const event = JSON.parse(line);
        if (event.event === 'listening') resolve((mailbox = new Mailbox(child, event.port)));
        else mailbox?.messages.push({ ...event, links: linksIn(event.html) });
      });
    });
  }

  /** The settings of a Tenantry server that sends mail to this mailbox. */
  get settings(): Record<string, string> {
    return {
      TENANTRY_MAIL_HOST: 'localhost',
      TENANTRY_MAIL_PORT: `${this.port}`,
      TENANTRY_MAIL_USER: 'tenantry',
      TENANTRY_MAIL_PASSWORD: 'correct horse',
      TENANTRY_MAIL_CA_CERTIFICATES: join(__dirname, 'smtp-server.crt'),
      TENANTRY_MAIL_FROM_ADDRESS: 'console@platform.example',
    };
  }

  /** All messages to an address, the oldest first. */
  messagesTo = (address: string) =>
    this.messages.filter(({ to }) => to.some((recipient) => recipient.address === address));

  /** Waits for a message to an address, and returns the latest one. `subject` is a part of its subject. */
  async waitFor(address: string, subject = ''): Promise<ReceivedMail> {
    const found = () =>
      this.messagesTo(address)
        .filter((message) => message.subject.includes(subject))
        .at(-1);
    await expect.poll(found, { message: `a message to ${address}`, timeout: 30_000 }).toBeTruthy();
    return found()!;
  }

  /** Sets what the server does; smtp-server.mjs lists the behaviours. */
  behave(behaviour: string) {
    this.child.stdin!.write(`${behaviour}\n`);
  }

  stop() {
    this.child.removeAllListeners('exit');
    this.child.stdin!.end();
  }
}

const linksIn = (html: string) => [
  ...new Set([...html.matchAll(/href="([^"]+)"/g)].map(([, link]) => link.replaceAll('&amp;', '&'))),
];
