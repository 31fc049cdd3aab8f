// A real mail server for tests, with STARTTLS and AUTH: nodemailer's smtp-server. The tests in TypeScript (mailbox.ts)
// and in Rust (server/tests/http/mail/mail_server.rs) start it as a process.
//
// Prints JSON lines: {"event": "listening", "port"}, then {"event": "message", …} for each message that was transmitted
// completely. Each line on standard input sets the behaviour:
//   accept         accepts messages; the first behaviour
//   refuse         refuses recipients with 550
//   defer          asks to try recipients again later, with 450
//   refuse-data    refuses transmitted messages with 554
//   cut            closes the connection after a transmitted message, without a response
//   hold           does not respond to transmitted messages
//   silent         does not respond to MAIL FROM
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export const USER = 'tenantry';
export const PASSWORD = 'correct horse';

const file = (name) => readFileSync(new URL(name, import.meta.url));
const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

let behaviour = 'accept';

const refusal = (responseCode, message) => Object.assign(new Error(message), { responseCode });

const server = new SMTPServer({
  cert: file('smtp-server.crt'),
  key: file('smtp-server.key'),
  authMethods: ['PLAIN', 'LOGIN'],
  onAuth({ username, password }, session, callback) {
    const isValid = session.secure && username === USER && password === PASSWORD;
    callback(isValid ? null : refusal(535, '5.7.8 Authentication failed'), { user: username });
  },
  onMailFrom(_address, _session, callback) {
    if (behaviour !== 'silent') callback();
  },
  onRcptTo({ address }, _session, callback) {
    const refusals = {
      refuse: refusal(550, `5.1.1 <${address}>: user unknown`),
      defer: refusal(450, '4.2.0 Greylisted, try again later'),
    };
    callback(refusals[behaviour]);
  },
  async onData(stream, session, callback) {
    const message = await simpleParser(stream);
    const { envelope, secure, user } = session;
    print({
      event: 'message',
      envelope: { from: envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address) },
      secure,
      user,
      messageId: message.messageId,
      from: message.from.value,
      to: message.to.value,
      subject: message.subject,
      text: message.text,
      html: message.html,
      date: message.date,
      autoSubmitted: message.headers.get('auto-submitted'),
      headers: message.headerLines.map(({ key }) => key),
    });
    switch (behaviour) {
      case 'cut':
        for (const connection of server.connections) {
          if (connection.session.id === session.id) connection._socket.destroy();
        }
        break;
      case 'hold':
        break;
      case 'refuse-data':
        callback(refusal(554, '5.7.1 Message refused'));
        break;
      default:
        callback();
    }
  },
});
// Interrupted connections are expected.
server.on('error', () => {});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () =>
  print({ event: 'listening', port: server.server.address().port }),
);
createInterface({ input: process.stdin })
  .on('line', (line) => (behaviour = line))
  // The test ended.
  .on('close', () => process.exit());
