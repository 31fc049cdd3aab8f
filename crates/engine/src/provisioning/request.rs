use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::{
    StepState,
    api_key::{ApiKey, ApiKeyKind},
    idempotency_key::IdempotencyKey,
    member::NewMember,
    pipeline::Step,
    provisioning::{Draft, NewTenant, starting_defaults},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    Engine, Error, MasterKey, mail,
    secret::{hash, new_token},
};

/// A request to provision a tenant: a draft with its idempotency key.
#[derive(Debug, Clone)]
pub struct ProvisionRequest {
    /// The idempotency key.
    pub key: IdempotencyKey,
    /// The fields of the tenant, not validated yet.
    pub draft: Draft,
    /// Whether the tenant gets the owner of the draft. Otherwise it waits for an owner.
    pub has_owner: bool,
    /// Problems that were found while the draft was read, such as fields of a wrong type.
    pub problems: Vec<domain::FieldProblem>,
    /// Where the request comes from.
    pub source: RequestSource,
}

/// Where a request comes from, with what this source does differently.
#[derive(Debug, Clone, Default)]
pub enum RequestSource {
    /// An employee, in the console or with a token.
    #[default]
    Employee,
    /// A sign-up.
    SignUp(SignUpOptions),
    /// The adoption of a tenant of the earlier system.
    Adoption,
    /// An import.
    Import(ImportOptions),
}

/// What an import adds to the request of an employee. A tenant without an owner is `setup_incomplete`.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The values of the file that no other table has.
    pub values: Map<String, Value>,
    /// The literal secrets of the file, by their paths.
    pub secrets: BTreeMap<String, SecretString>,
    /// The members who are invited after the tenant was created.
    pub pending_members: Vec<NewMember>,
}

/// What a sign-up does differently from the request of an employee. Its owner has verified the e-mail
/// address, and may therefore get an account that exists, if it has no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignUpOptions {
    /// Whether an admin has to approve the tenant before it becomes active.
    pub needs_approval: bool,
}

impl ProvisionRequest {
    /// Creates a request for a tenant with an owner.
    pub fn new(key: IdempotencyKey, draft: Draft) -> Self {
        Self { key, draft, has_owner: true, problems: Vec::new(), source: RequestSource::Employee }
    }

    /// Creates the request of a sign-up.
    pub(crate) fn from_sign_up(key: IdempotencyKey, draft: Draft, options: SignUpOptions) -> Self {
        Self { source: RequestSource::SignUp(options), ..Self::new(key, draft) }
    }

    /// Creates the request of a tenant of the earlier system. It has no steps in external systems, because the
    /// tenant is there already, and sends no invitation. An account with the address of the owner is used.
    pub(crate) fn from_adoption(key: IdempotencyKey, draft: Draft, has_owner: bool) -> Self {
        Self { has_owner, source: RequestSource::Adoption, ..Self::new(key, draft) }
    }

    /// Creates the request of an import.
    pub(crate) fn from_import(
        key: IdempotencyKey,
        draft: Draft,
        has_owner: bool,
        options: ImportOptions,
    ) -> Self {
        Self { has_owner, source: RequestSource::Import(options), ..Self::new(key, draft) }
    }

    /// Reads the JSON body of the API. A body without `owner` creates a tenant that waits for its owner.
    pub fn from_json(key: IdempotencyKey, body: &Value) -> Self {
        let (draft, problems) = Draft::from_json(body);
        let has_owner = body.get("owner").is_some_and(|owner| !owner.is_null());
        Self { has_owner, problems, ..Self::new(key, draft) }
    }

    /// The fingerprint of the draft. It does not depend on the rules for valid fields, so that a request can
    /// be replayed after the rules changed.
    pub(super) fn fingerprint(&self, master_key: &MasterKey) -> [u8; 32] {
        master_key.fingerprint(&self.draft.to_canonical())
    }
}

/// The arguments of the core: IDs, keys and hashes. A retry after a lost response passes the same values.
#[derive(Debug)]
pub(super) struct PreparedCall {
    pub key: Uuid,
    pub request_id: Uuid,
    pub tenant_id: Uuid,
    pub owner_id: Option<Uuid>,
    pub payload: Value,
    pub defaults: Value,
    pub fingerprint: [u8; 32],
    pub public_key: String,
    pub secret_key: SecretString,
    pub invitation: SecretString,
    /// The mail with the invitation, if the tenant has an owner.
    pub mail: Option<Value>,
}

impl PreparedCall {
    /// Chooses the IDs and the secrets. `origin` is the start of the links in the mail with the invitation.
    ///
    /// # Errors
    /// If the token of the invitation cannot be encrypted.
    pub(crate) fn new(
        engine: &Engine,
        key: &IdempotencyKey,
        tenant: &NewTenant,
        fingerprint: [u8; 32],
        origin: &str,
    ) -> Result<Self, Error> {
        let (settings, blueprint) = (engine.pipeline(), engine.pipeline().blueprint(&tenant.blueprint));
        let is_included = |step: Step| blueprint.is_some_and(|blueprint| settings.includes(blueprint, step));
        let invitation = new_token("");
        let mail = tenant.owner.as_ref().map(|_| invitation_mail(engine, &invitation, origin)).transpose()?;
        Ok(Self {
            key: key.uuid(),
            request_id: Uuid::now_v7(),
            tenant_id: Uuid::now_v7(),
            owner_id: tenant.owner.as_ref().map(|_| Uuid::now_v7()),
            payload: tenant.to_payload(),
            defaults: starting_defaults(tenant, Uuid::now_v7, is_included),
            fingerprint,
            public_key: ApiKey::assemble(ApiKeyKind::Public, &tenant.slug, &rand::random())
                .expose()
                .to_owned(),
            secret_key: ApiKey::assemble(ApiKeyKind::Secret, &tenant.slug, &rand::random())
                .expose()
                .to_owned()
                .into(),
            invitation,
            mail,
        })
    }

    /// Adds what the source of the request does differently to the arguments.
    ///
    /// # Errors
    /// If a secret of an import cannot be encrypted.
    pub(super) fn with_source(mut self, engine: &Engine, source: &RequestSource) -> Result<Self, Error> {
        match source {
            RequestSource::Employee => {}
            RequestSource::SignUp(SignUpOptions { needs_approval }) => {
                self.defaults["useExistingAccount"] = true.into();
                self.defaults["needsApproval"] = (*needs_approval).into();
                // The owner has no need of an invitation.
                self.mail = None;
            }
            RequestSource::Adoption => {
                self.defaults["adoption"] = true.into();
                let steps = self.defaults["steps"].as_array_mut().into_iter().flatten();
                steps.for_each(|step| step["state"] = json!(StepState::Skipped));
                self.mail = None;
            }
            RequestSource::Import(options) => {
                self.defaults["import"] = json!({
                    "values": options.values,
                    "pendingMembers": members_to_json(&options.pending_members),
                    "secrets": self.seal_secrets(engine, &options.secrets)?,
                });
            }
        }
        Ok(self)
    }

    /// Encrypts the secrets of an imported file for the tenant.
    fn seal_secrets(
        &self,
        engine: &Engine,
        secrets: &BTreeMap<String, SecretString>,
    ) -> Result<Vec<Value>, Error> {
        let seal = |(path, secret): (&String, &SecretString)| {
            let field = imported_secret(path);
            let sealed = engine
                .vault()
                .seal(self.tenant_id, &field, secret)
                .map_err(|failure| Error::UnexpectedResponse(failure.message))?;
            Ok(json!({
                "field": field,
                "wrappedKey": BASE64_STANDARD.encode(sealed.wrapped_key),
                "ciphertext": BASE64_STANDARD.encode(sealed.ciphertext),
            }))
        };
        secrets.iter().map(seal).collect()
    }

    pub(crate) fn secret_hash(&self) -> [u8; 32] {
        hash(self.secret_key.expose_secret())
    }

    pub(crate) fn invitation_hash(&self) -> [u8; 32] {
        hash(self.invitation.expose_secret())
    }
}

/// The people whom an import has yet to invite, as `tenant_imported_values.pending_members` stores them.
pub(crate) fn members_to_json(members: &[NewMember]) -> Value {
    let member = |member: &NewMember| json!({ "name": member.name, "email": member.email.address(), "role": member.role });
    members.iter().map(member).collect()
}

/// The field of the vault for the secret at a path of an imported file.
fn imported_secret(path: &str) -> String {
    format!("import:{path}")
}

/// The mail with an invitation, in the form that the core takes. The core adds what the mail says.
fn invitation_mail(engine: &Engine, token: &SecretString, origin: &str) -> Result<Value, Error> {
    let id = Uuid::now_v7();
    let sealed = mail::seal_token(engine, id, token)?;
    Ok(json!({
        "id": id,
        "origin": origin,
        "wrappedKey": BASE64_STANDARD.encode(sealed.wrapped_key),
        "ciphertext": BASE64_STANDARD.encode(sealed.ciphertext),
    }))
}
