use domain::outcome::Provisioned;

/// The outcome of a successful call.
#[derive(Debug)]
pub enum ProvisionOutcome {
    /// This call created the tenant. Contains the secret key and the invitation link.
    Created(Provisioned),
    /// An earlier call with the same key created the tenant. Contains no secrets.
    Replayed(Provisioned),
}
