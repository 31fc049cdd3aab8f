import { Bridge } from './bridge';
import { FaultProxy } from './fault-proxy';
import { Odoo, TEMPLATE_ADMIN } from './odoo';
import { Server } from './server';
import { Worker } from './worker';

const TEMPLATE = 'odoo-18';
/** The Odoo 19 database that lists the tenants. */
export const OPS_DATABASE = 'ops';

/** The configured base URL of tenants. */
export const BUSINESS_BASE_URL = 'https://shop.example.com';

const TOML = `
[[blueprints]]
name = "shop"
label = "Shop"
template = "${TEMPLATE}"
`;

/** A query for the parameters that identify an Odoo installation. */
const IDENTITY = `SELECT json_agg(value ORDER BY key) AS identity FROM ir_config_parameter WHERE key IN ('database.uuid', 'database.secret')`;

/** A fault proxy for each external system. */
export interface FaultProxies {
  copy: FaultProxy;
  odoo: FaultProxy;
  bridge: FaultProxy;
}

/**
 * A server with all steps configured. Databases are copied in the server's private PostgreSQL. One Odoo
 * server represents both Odoo 18, which serves the copies, and Odoo 19, which lists tenants.
 */
export class OdooEnvironment {
  server!: Server;
  bridge!: Bridge;
  odoo!: Odoo;
  proxies!: FaultProxies;
  /** The values of the template's identity parameters. */
  identity!: unknown;
  private env: Record<string, string> = {};
  /** The started servers and processes, in the order in which `stop` stops them. */
  private readonly started: { stop(): Promise<unknown> }[] = [];

  /** Starts the external systems, and the server with `workers` workers. Call `stop` even after a failure. */
  async start(workers: number): Promise<void> {
    this.server = this.track(await Server.startWithAdmin());
    this.bridge = this.track(await Bridge.start());
    this.odoo = this.track(await Odoo.create(this.server));
    await this.startProxies();
    this.env = this.settings(await this.restoreDatabases());
    await this.server.stopAndKeepData();
    await this.server.restart({ env: { ...this.env, TENANTRY_WORKERS: String(workers) }, toml: TOML });
    await this.odoo.start();
  }

  /** Starts a worker process. */
  async startWorker(): Promise<Worker> {
    return this.track(await Worker.start(this.server, { env: this.env, toml: TOML }));
  }

  async stop(): Promise<void> {
    for (const service of this.started) await service.stop();
  }

  /** Whether a database still accepts the template's login and password. */
  async acceptsTemplateAdmin(database: string): Promise<boolean> {
    return (await this.odoo.signIn(database, TEMPLATE_ADMIN, TEMPLATE_ADMIN)) !== false;
  }

  /** The state of all tenants in the external systems. */
  async externalState() {
    const copies = await this.server.rows(
      `SELECT datname AS name FROM pg_database WHERE datname LIKE 'ten-%' ORDER BY datname`,
    );
    return {
      databases: await Promise.all(copies.map(({ name }) => this.readDatabase(String(name)))),
      tenants: await this.server.rows(
        'SELECT code, name, subdomain, plan, bridge_sync_status, business_base_url, notes FROM vendor_ops_tenant ORDER BY code',
        OPS_DATABASE,
      ),
      users: await this.server.rows(
        `SELECT t.code, u.email, u.name, u.role, u.odoo18_user_id, u.odoo18_login
         FROM vendor_ops_tenant_user u JOIN vendor_ops_tenant t ON t.id = u.tenant_id ORDER BY t.code`,
        OPS_DATABASE,
      ),
      bridge: this.bridge.tenants,
    };
  }

  /** Reads the name, the identity and the admin of a copied database. */
  private async readDatabase(name: string) {
    const [database] = await this.server.rows(
      `SELECT current_database() AS name, u.login, p.name AS admin, (${IDENTITY}) AS identity
       FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = 2`,
      name,
    );
    return database;
  }

  private track<Service extends { stop(): Promise<unknown> }>(service: Service): Service {
    this.started.unshift(service);
    return service;
  }

  /** Creates the template and `OPS_DATABASE`. Returns an API key that both accept. */
  private async restoreDatabases(): Promise<string> {
    const key = await this.odoo.restore(TEMPLATE);
    [{ identity: this.identity }] = await this.server.rows(IDENTITY, TEMPLATE);
    await this.server.sql(`CREATE DATABASE ${OPS_DATABASE} TEMPLATE "${TEMPLATE}"`);
    return key;
  }

  private async startProxies(): Promise<void> {
    const { socketDirectory, port } = this.server.postgres;
    const addressOf = (url: string) => ({ host: new URL(url).hostname, port: Number(new URL(url).port) });
    this.proxies = {
      copy: this.track(await FaultProxy.start({ path: `${socketDirectory}/.s.PGSQL.${port}` })),
      odoo: this.track(await FaultProxy.start(addressOf(this.odoo.url))),
      bridge: this.track(await FaultProxy.start(addressOf(this.bridge.url))),
    };
  }

  private settings(key: string): Record<string, string> {
    const { user, password } = this.server.postgres;
    const { copy, odoo, bridge } = this.proxies;
    return {
      TENANTRY_LEASE_SECONDS: '3',
      TENANTRY_COPY_URL: `postgres://${user}:${password}@${copy.host}/postgres`,
      TENANTRY_ODOO18_URL: `http://${odoo.host}`,
      TENANTRY_ODOO18_LOGIN: TEMPLATE_ADMIN,
      TENANTRY_ODOO18_PASSWORD: TEMPLATE_ADMIN,
      TENANTRY_ODOO19_URL: `http://${odoo.host}`,
      TENANTRY_ODOO19_DATABASE: OPS_DATABASE,
      TENANTRY_ODOO19_LOGIN: TEMPLATE_ADMIN,
      TENANTRY_ODOO19_KEY: key,
      TENANTRY_ODOO19_BUSINESS_BASE_URL: BUSINESS_BASE_URL,
      TENANTRY_BRIDGE_URL: `http://${bridge.host}`,
      TENANTRY_BRIDGE_TOKEN: 'a token that only this bridge knows',
    };
  }
}
