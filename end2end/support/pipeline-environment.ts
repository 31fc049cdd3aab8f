import { Bridge } from './bridge';
import { tenantry } from './processes';
import { Server } from './server';

/** A server with an external pipeline: database copies in its private PostgreSQL, and a fake bridge. */
export class PipelineEnvironment {
  private constructor(
    readonly server: Server,
    readonly bridge: Bridge,
    private readonly options: { env: Record<string, string>; toml: string },
  ) {}

  /**
   * Starts a server with an admin and with `toml` as its configuration file, which has the blueprints. With
   * `demoData`, the installation has the tenants of `tenantry demo`.
   */
  static async start(toml: string, { demoData = false } = {}): Promise<PipelineEnvironment> {
    const [server, bridge] = [await Server.startWithAdmin(), await Bridge.start()];
    const env = {
      TENANTRY_COPY_URL: server.databaseUrl('postgres'),
      TENANTRY_BRIDGE_URL: bridge.url,
      TENANTRY_BRIDGE_TOKEN: 'a token that only this bridge knows',
    };
    const environment = new PipelineEnvironment(server, bridge, { env, toml });
    // Restart with the settings, which need the address of the running PostgreSQL.
    await server.stopAndKeepData();
    if (demoData) await tenantry(server.dataDir, ['demo']);
    await environment.restart();
    return environment;
  }

  restart() {
    return this.server.restart(this.options);
  }

  /** Creates the template database that a blueprint names. */
  createTemplate(name: string) {
    return this.server.sql(`CREATE DATABASE "${name}"`);
  }

  /** Ends the faults of an earlier test: the bridge responds, and no circuit is open. */
  async reset() {
    this.bridge.respondNormally();
    await this.server.sql('DELETE FROM tenantry.breakers');
  }

  async stop() {
    await this.server.stop();
    await this.bridge.stop();
  }
}
