use domain::{
    ErrorCode, FieldProblem, Problem,
    access::{ApiScope, EmployeeStatus, TeamAction, parse_role, parse_scopes, parse_token_days},
    field::parse_line,
    idempotency_key::IdempotencyKey,
    paths,
    provisioning::MAX_NAME,
    tenant_form::FormValues,
};
use engine::{
    Error,
    access::{
        Actor, CreationOutcome, Employee, EmployeeUpdate, InvitedEmployee, Invitee, NewToken,
        create_token_once, end_all_sessions, end_other_sessions, end_session_by_id, invite_employee_once,
        parse_email, renew_setup_link, revoke_employee_invitation, revoke_token, send_password_reset,
        update_employee,
    },
};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::{Console, issued_secret::IssuedSecret};

/// What a form of the team page did.
#[derive(Debug)]
pub enum TeamOutcome {
    /// The action was done.
    Done(TeamAction),
    /// The action created a secret, which the page shows once.
    Issued(IssuedSecret),
}

/// The sender of a form.
struct Sender<'a> {
    console: &'a Console,
    employee: &'a Employee,
    actor: Actor,
    /// The token of the session of the sender.
    session: Option<&'a str>,
    values: &'a FormValues,
}

/// Performs the action of a form of the team page. `session` is the token of the sender's session.
///
/// # Errors
/// The errors of the functions in `engine::access`; `VALIDATION_ERROR` for an unknown action.
pub async fn save_team_form(
    console: &Console,
    employee: &Employee,
    session: Option<&str>,
    values: &FormValues,
) -> Result<TeamOutcome, Error> {
    let Some(action) = values.get("action").and_then(TeamAction::from_text) else {
        return Err(refused(vec![FieldProblem::new(
            "",
            "unknown",
            "Open the page again, and send the form once more.",
        )]));
    };
    let sender = Sender { console, employee, actor: employee.clone().into(), session, values };
    sender.run(action).await
}

impl Sender<'_> {
    async fn run(&self, action: TeamAction) -> Result<TeamOutcome, Error> {
        let (engine, actor, origin) = (&self.console.engine, &self.actor, &*self.console.origin);
        match action {
            TeamAction::Invite => return self.invite().await,
            TeamAction::CreateToken => return self.create_token().await,
            TeamAction::ResendInvitation => {
                let invited = renew_setup_link(engine, actor, self.id("employee")?, origin).await?;
                return Ok(self.invited(action, invited));
            }
            TeamAction::RevokeInvitation => {
                drop(revoke_employee_invitation(engine, actor, self.id("employee")?).await?);
            }
            TeamAction::ChangeRole => {
                let role = parse_role(self.value("role")).map_err(|problem| refused(vec![problem]))?;
                self.update(EmployeeUpdate { role: Some(role), status: None }).await?;
            }
            TeamAction::Disable => {
                self.update(EmployeeUpdate { status: Some(EmployeeStatus::Disabled), role: None }).await?;
            }
            TeamAction::Enable => {
                self.update(EmployeeUpdate { status: Some(EmployeeStatus::Active), role: None }).await?;
            }
            TeamAction::ResetPassword => {
                send_password_reset(engine, actor, self.id("employee")?, origin).await?;
            }
            TeamAction::EndSessions => {
                end_all_sessions(engine, actor, self.id("employee")?).await?;
            }
            TeamAction::RevokeToken => revoke_token(engine, actor, self.id("token")?).await?,
            TeamAction::EndSession => end_session_by_id(engine, actor, self.id("session")?).await?,
            TeamAction::EndOtherSessions => {
                end_other_sessions(engine, self.employee, self.session).await?;
            }
        }
        Ok(TeamOutcome::Done(action))
    }

    fn value(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_default()
    }

    fn id(&self, name: &str) -> Result<Uuid, Error> {
        Uuid::parse_str(self.value(name)).map_err(|_| ErrorCode::ResourceNotFound.into())
    }

    /// The key of the form, so that a post that is repeated creates nothing.
    fn key(&self) -> Result<IdempotencyKey, Error> {
        IdempotencyKey::parse(self.value("key")).map_err(|_| ErrorCode::IdempotencyKeyInvalid.into())
    }

    async fn update(&self, update: EmployeeUpdate) -> Result<(), Error> {
        update_employee(&self.console.engine, &self.actor, self.id("employee")?, update).await.map(drop)
    }

    async fn invite(&self) -> Result<TeamOutcome, Error> {
        let name = parse_line("name", "the name", self.value("name"), MAX_NAME);
        let email = parse_email(self.value("email")).map_err(|problem| problem.in_field("email"));
        let role = parse_role(self.value("role"));
        let (name, email, role) = match (name, email, role) {
            (Ok(name), Ok(email), Ok(role)) => (name, email, role),
            (name, email, role) => {
                return Err(refused([name.err(), email.err(), role.err()].into_iter().flatten().collect()));
            }
        };
        let new = Invitee { name: &name, email: &email, role, origin: &self.console.origin };
        let engine = &self.console.engine;
        match invite_employee_once(engine, &self.actor, new, &self.key()?).await? {
            CreationOutcome::Created(invited) => Ok(self.invited(TeamAction::Invite, invited)),
            CreationOutcome::Replayed(_) if engine.has_mail_server() => {
                Ok(TeamOutcome::Done(TeamAction::Invite))
            }
            CreationOutcome::Replayed(former) => Ok(TeamOutcome::Issued(IssuedSecret {
                action: TeamAction::Invite,
                name: former.name,
                secret: None,
                expires_at: None,
            })),
        }
    }

    /// Shows the link, unless a mail server delivers it.
    fn invited(
        &self,
        action: TeamAction,
        InvitedEmployee { employee, link }: InvitedEmployee,
    ) -> TeamOutcome {
        if self.console.engine.has_mail_server() {
            return TeamOutcome::Done(action);
        }
        let path = paths::setup(link.token.expose_secret());
        TeamOutcome::Issued(IssuedSecret {
            action,
            name: employee.name,
            secret: Some(format!("{}{path}", self.console.origin)),
            expires_at: Some(link.expires_at),
        })
    }

    async fn create_token(&self) -> Result<TeamOutcome, Error> {
        let name = parse_line("name", "the name", self.value("name"), MAX_NAME)
            .map_err(|problem| FieldProblem { field: "token-name".to_owned(), ..problem });
        let role = parse_role(self.value("role"));
        let days = parse_token_days(self.value("days").trim().parse().unwrap_or_default());
        let (name, role, days) = match (name, role, days) {
            (Ok(name), Ok(role), Ok(days)) => (name, role, days),
            (name, role, days) => {
                return Err(refused([name.err(), role.err(), days.err()].into_iter().flatten().collect()));
            }
        };
        let chosen = ApiScope::ALL.iter().map(|scope| scope.as_str());
        let chosen: Vec<_> = chosen.filter(|scope| self.values.get(scope).is_some()).collect();
        // Without a choice, only the role limits the token.
        let scopes = (!chosen.is_empty()).then(|| parse_scopes(chosen)).transpose();
        let scopes = scopes.map_err(|problem| refused(vec![problem]))?;
        let new = NewToken { name: &name, role, days, scopes: scopes.as_deref() };
        let engine = &self.console.engine;
        let (secret, expires_at) = match create_token_once(engine, &self.actor, new, &self.key()?).await? {
            CreationOutcome::Created(issued) => {
                (Some(issued.token.expose_secret().to_owned()), issued.expires_at)
            }
            CreationOutcome::Replayed(former) => (None, former.expires_at),
        };
        let action = TeamAction::CreateToken;
        Ok(TeamOutcome::Issued(IssuedSecret { action, name, secret, expires_at: Some(expires_at) }))
    }
}

fn refused(problems: Vec<FieldProblem>) -> Error {
    Problem::from_fields(problems).into()
}
