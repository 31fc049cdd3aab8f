//! Two owners who change their ownership at the same time.

use domain::member::MemberRole;
use engine::{
    Engine, Error,
    tenants::{TenantCaller, change_member_role, remove_member},
};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{account_of, join, tenant_with_owner};

/// What one of two owners does at the same time as the other one.
#[derive(Debug, Clone, Copy)]
enum OwnerAction {
    RemovesOther,
    DemotesOther,
    Leaves,
    DemotesItself,
}

impl OwnerAction {
    async fn run(self, engine: &Engine, by: &TenantCaller, other: Uuid) -> Result<(), Error> {
        let own = account_of(by).id;
        match self {
            Self::RemovesOther => remove_member(engine, by, other).await,
            Self::DemotesOther => change_member_role(engine, by, other, MemberRole::Member).await,
            Self::Leaves => remove_member(engine, by, own).await,
            Self::DemotesItself => change_member_role(engine, by, own, MemberRole::Admin).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_demotions_and_removals_leave_one_owner() {
    use OwnerAction::{DemotesItself, DemotesOther, Leaves, RemovesOther};
    for actions in [
        [RemovesOther, RemovesOther],
        [DemotesOther, DemotesOther],
        [RemovesOther, DemotesOther],
        [Leaves, Leaves],
        [DemotesItself, DemotesItself],
        [Leaves, DemotesItself],
    ] {
        let (db, owner) = tenant_with_owner().await;
        let ada = join(&db, &owner, "Ada", MemberRole::Owner).await;
        let mut holder = db.pool.begin().await.unwrap();
        sqlx::raw_sql("SELECT FROM tenants FOR UPDATE").execute(&mut *holder).await.unwrap();
        let mut changes = JoinSet::new();
        for (action, (by, other)) in actions.into_iter().zip([(owner.clone(), ada.clone()), (ada, owner)]) {
            let (engine, other) = (db.engine.clone(), account_of(&other).id);
            changes.spawn(async move { action.run(&engine, &by, other).await });
        }
        let waiting = "SELECT count(*) = 2 FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        db.wait_until(waiting).await;
        holder.commit().await.unwrap();
        let results = changes.join_all().await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{actions:?}: {results:?}");
        let owners = "SELECT count(*) FROM memberships WHERE role = 'owner' AND joined_at IS NOT NULL";
        assert_eq!(db.number(owners).await, 1, "{actions:?}");
        db.assert_invariants().await;
    }
}
