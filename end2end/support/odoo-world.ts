import { Bridge } from './bridge';
import { Line } from './line';
import { Odoo, TEMPLATE_ADMIN } from './odoo';
import { Server } from './server';
import { Worker } from './worker';

const TEMPLATE = 'odoo-18';
/** The database that lists tenants. */
export const LIST = 'ops';

/** As the configuration says it. */
export const SHOP = 'https://shop.example.com';

const TOML = `
[[blueprints]]
name = "shop"
label = "Shop"
template = "${TEMPLATE}"
`;

/** What makes two Odoo databases different installations. */
const IDENTITY = `SELECT json_agg(value ORDER BY key) AS identity FROM ir_config_parameter WHERE key IN ('database.uuid', 'database.secret')`;

/** A line to each system that the steps talk to. */
export interface Lines {
  copy: Line;
  odoo: Line;
  bridge: Line;
}

/**
 * A server whose steps are all configured. Databases are copied in its own PostgreSQL, and one Odoo stands for both:
 * the one that serves the copies, and the one that lists tenants.
 */
export class OdooWorld {
  server!: Server;
  bridge!: Bridge;
  odoo!: Odoo;
  lines!: Lines;
  /** Of the template. */
  identity!: unknown;
  private env: Record<string, string> = {};
  /** What runs, the youngest first. */
  private readonly parts: { stop(): Promise<unknown> }[] = [];

  /** Starts all of it; the server has so many workers of its own. Whatever happens: `stop` has to be called. */
  async start(workers: number): Promise<void> {
    this.server = this.keep(await Server.startWithAdmin());
    this.bridge = this.keep(await Bridge.start());
    this.odoo = this.keep(await Odoo.on(this.server));
    await this.drawLines();
    this.env = this.settings(await this.restoreDatabases());
    await this.server.end();
    await this.server.startAgain({ env: { ...this.env, TENANTRY_WORKERS: String(workers) }, toml: TOML });
    await this.odoo.start();
  }

  /** Starts a worker in a process of its own. */
  async startWorker(): Promise<Worker> {
    return this.keep(await Worker.start(this.server, { env: this.env, toml: TOML }));
  }

  async stop(): Promise<void> {
    for (const part of this.parts) await part.stop();
  }

  /** Whether a database still opens with the template's login and password. */
  async opensToTemplateAdmin(database: string): Promise<boolean> {
    return (await this.odoo.signIn(database, TEMPLATE_ADMIN, TEMPLATE_ADMIN)) !== false;
  }

  /** All that there is of tenants in the other systems. */
  async outside() {
    const named = await this.server.rows(
      `SELECT datname AS name FROM pg_database WHERE datname LIKE 'ten-%' ORDER BY datname`,
    );
    return {
      databases: await Promise.all(named.map(({ name }) => this.database(String(name)))),
      tenants: await this.server.rows(
        'SELECT code, name, subdomain, plan, bridge_sync_status, business_base_url, notes FROM vendor_ops_tenant ORDER BY code',
        LIST,
      ),
      users: await this.server.rows(
        `SELECT t.code, u.email, u.name, u.role, u.odoo18_user_id, u.odoo18_login
         FROM vendor_ops_tenant_user u JOIN vendor_ops_tenant t ON t.id = u.tenant_id ORDER BY t.code`,
        LIST,
      ),
      bridge: this.bridge.tenants,
    };
  }

  /** A copy: what it is called, its identity, and its admin. */
  private async database(name: string) {
    const [found] = await this.server.rows(
      `SELECT current_database() AS name, u.login, p.name AS admin, (${IDENTITY}) AS identity
       FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = 2`,
      name,
    );
    return found;
  }

  private keep<Part extends { stop(): Promise<unknown> }>(part: Part): Part {
    this.parts.unshift(part);
    return part;
  }

  /** Makes the template and the list of tenants, and answers the key to the list. */
  private async restoreDatabases(): Promise<string> {
    const key = await this.odoo.restore(TEMPLATE);
    [{ identity: this.identity }] = await this.server.rows(IDENTITY, TEMPLATE);
    await this.server.sql(`CREATE DATABASE ${LIST} TEMPLATE "${TEMPLATE}"`);
    return key;
  }

  private async drawLines(): Promise<void> {
    const { folder, port } = this.server.postgres;
    const at = (url: string) => ({ host: new URL(url).hostname, port: Number(new URL(url).port) });
    this.lines = {
      copy: this.keep(await Line.to({ path: `${folder}/.s.PGSQL.${port}` })),
      odoo: this.keep(await Line.to(at(this.odoo.url))),
      bridge: this.keep(await Line.to(at(this.bridge.url))),
    };
  }

  private settings(key: string): Record<string, string> {
    const { user, password } = this.server.postgres;
    const { copy, odoo, bridge } = this.lines;
    return {
      TENANTRY_LEASE_SECONDS: '3',
      TENANTRY_COPY_URL: `postgres://${user}:${password}@${copy.host}/postgres`,
      TENANTRY_ODOO18_URL: `http://${odoo.host}`,
      TENANTRY_ODOO18_LOGIN: TEMPLATE_ADMIN,
      TENANTRY_ODOO18_PASSWORD: TEMPLATE_ADMIN,
      TENANTRY_ODOO19_URL: `http://${odoo.host}`,
      TENANTRY_ODOO19_DATABASE: LIST,
      TENANTRY_ODOO19_LOGIN: TEMPLATE_ADMIN,
      TENANTRY_ODOO19_KEY: key,
      TENANTRY_ODOO19_BUSINESS_BASE_URL: SHOP,
      TENANTRY_BRIDGE_URL: `http://${bridge.host}`,
      TENANTRY_BRIDGE_TOKEN: 'a token that only this bridge knows',
    };
  }
}
