// The Markdown table of a run.

import { cpus, totalmem } from 'node:os';

export class Report {
  constructor(quick) {
    this.quick = quick;
    this.rows = [];
  }

  /** Adds a row and prints it to standard error. `met` is set only if there is a goal. */
  add(subject, measured, { goal = '', met } = {}) {
    this.rows.push([subject, measured, goal, met === undefined ? '' : met ? 'yes' : '**no**']);
    console.error(`bench: ${subject}: ${measured}`);
  }

  toString() {
    const machine = `${cpus().length} processors (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB`;
    const mode = this.quick ? ', quick: fewer rows, shorter runs' : '';
    const lines = this.rows.map((row) => `| ${row.join(' | ')} |`);
    return [
      `${new Date().toISOString().slice(0, 16)}Z, ${machine}${mode}`,
      '',
      '| Measurement | Result | Goal | Goal reached |',
      '| --- | --- | --- | --- |',
      ...lines,
    ].join('\n');
  }
}
