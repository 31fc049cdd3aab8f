//! One cell: a database, an outside, a tenant that waits for its steps, and workers as needed.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use connectors::{
    PipelineSettings,
    settings::{CopySettings, PostgresCopies},
};
use domain::{Role, outcome::Provisioned, pipeline::Blueprint};
use engine::{access::Principal, provisioning::provision};
use uuid::Uuid;

use crate::{
    database::Database,
    ground::Ground,
    line::Line,
    orders::{created, draft, order},
    pipeline::counterpart::Counterpart,
    process::{self, WorkerProcess},
    table::{Row, Trouble},
};

/// How long a step belongs to a worker that says nothing, in seconds.
const LEASE: u32 = 2;

#[derive(Debug)]
pub struct Cell {
    pub ground: Arc<Ground>,
    pub db: Database,
    pub outside: Counterpart,
    /// The workers' line to their own database.
    pub core: Line,
    /// Their line to the server that copies.
    pub copier: Line,
    pub admin: Principal,
    pub made: Provisioned,
    row: Row,
    trouble: Trouble,
    folder: PathBuf,
    workers: AtomicUsize,
}

impl Cell {
    /// With one tenant, whose seven steps are all to be taken.
    pub async fn new(ground: Arc<Ground>, number: usize, row: Row, trouble: Trouble) -> Self {
        let (name, folder) = (format!("cell_{number}"), ground.folder_of(number));
        ground.create_migrated(&name).await;
        let db = Database::new(name.clone(), ground.options(&name));
        // Copies have one name in the whole server.
        db.run(&format!("SELECT setval('tenant_number_seq', {})", 1000 + number)).await;
        let outside = Counterpart::start().await;
        let core = Line::new(folder.join("core"), ground.socket());
        let copier = Line::new(folder.join("copier"), ground.socket());
        let admin = Principal { employee_id: Uuid::now_v7(), name: "Test Admin".into(), role: Role::Admin };
        db.run(&format!(
            "INSERT INTO employees (id, kind, name, role) VALUES ('{}', 'service', 'Test Admin', 'ADMIN')",
            admin.employee_id
        ))
        .await;
        let engine = db.engine().await.with_pipeline(settings(&outside, &template_of(&name))).unwrap();
        let made = created(
            provision(
                &engine,
                &admin,
                order(draft(&format!("cell-{number}"))),
                "https://console.example.com",
            )
            .await,
        );
        engine.close().await;
        let file = format!(
            "[[blueprints]]\nname = \"standard\"\nlabel = \"Standard\"\ntemplate = {:?}\n",
            template_of(&name)
        );
        std::fs::write(folder.join("tenantry.toml"), file).unwrap();
        Self {
            ground,
            db,
            outside,
            core,
            copier,
            admin,
            made,
            row,
            trouble,
            folder,
            workers: AtomicUsize::new(0),
        }
    }

    /// Starts a worker.
    pub async fn worker(&self) -> WorkerProcess {
        let number = self.workers.fetch_add(1, Ordering::SeqCst);
        WorkerProcess::start(&self.environment(), self.folder.join(format!("worker-{number}.log"))).await
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let database = self.ground.url(self.core.folder(), &self.db.name);
        let mut settings = process::environment(&self.outside, database, &self.folder, LEASE);
        settings.push(("TENANTRY_CONFIG", self.folder.join("tenantry.toml").display().to_string()));
        if self.row == Row::CopyByPostgres {
            // An impatient operator, where the server is to be too slow.
            let limit =
                if self.trouble == Trouble::Timeout { "&options=-c%20statement_timeout%3D3s" } else { "" };
            let url = self.ground.url(self.copier.folder(), "postgres");
            settings.push(("TENANTRY_COPY_URL", format!("{url}{limit}")));
        } else {
            settings.extend(process::copy_service(&self.outside));
        }
        settings
    }

    /// The template of this cell's tenant.
    pub fn template(&self) -> String {
        template_of(&self.db.name)
    }

    /// The tenant's database.
    pub fn database(&self) -> String {
        self.made.tenant.code.to_lowercase()
    }

    pub async fn end(self) {
        self.db.close().await;
        for name in [&self.db.name, &self.template(), &self.database()] {
            self.ground.drop_database(name).await;
        }
    }
}

fn template_of(cell: &str) -> String {
    format!("{cell}_odoo")
}

/// What is configured, as far as provisioning has to know it.
fn settings(outside: &Counterpart, template: &str) -> PipelineSettings {
    PipelineSettings {
        copy: Some(CopySettings::Postgres(PostgresCopies::new("postgres://server/postgres".into()))),
        odoo18: Some(outside.odoo18_settings()),
        odoo19: Some(outside.odoo19_settings()),
        bridge: Some(outside.bridge_settings()),
        blueprints: vec![Blueprint { template: Some(template.to_owned()), ..Blueprint::standard() }],
        ..PipelineSettings::default()
    }
}
