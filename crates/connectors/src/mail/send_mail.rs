//! The step that delivers a message.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::jobs::{RetryPolicy, StepFailure};
use jobs::{Job, StepWork};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    mailer::Mailer,
    message::OutgoingMail,
    smtp::{ACCEPT_TIMEOUT, COMMAND_TIMEOUT},
    transmission_error::TransmissionError,
    transport::Transmission,
};

/// The name of the step.
pub const SEND_MAIL: &str = "SEND_MAIL";

/// How often the outcome of a transmission is stored again if the database cannot be reached.
const STORE_ATTEMPTS: u32 = 30;
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// What a job has to do with its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageState {
    /// The message has to be delivered.
    Deliver,
    /// An earlier attempt was interrupted during the transmission. The message is unconfirmed now.
    Interrupted,
    /// Nothing. The text says why, such as `sent` or `cancelled`.
    Done(String),
}

/// The stored messages. The engine implements this trait. The SQL functions of the same names explain each
/// call.
#[async_trait]
pub trait Outbox: fmt::Debug + Send + Sync {
    /// Returns what the job has to do with its message.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn check(&self, message_id: Uuid, job_id: Uuid) -> Result<MessageState, StepFailure>;

    /// Loads a message that has to be delivered. `None` if it was deleted or cancelled.
    ///
    /// # Errors
    /// If the database cannot be reached, or the token cannot be decrypted.
    async fn load(&self, message_id: Uuid) -> Result<Option<OutgoingMail>, StepFailure>;

    /// Records that a transmission begins. Returns false if the message must not be transmitted.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn begin_transmission(
        &self,
        message_id: Uuid,
        job_id: Uuid,
        transmission_id: Uuid,
    ) -> Result<bool, StepFailure>;

    /// Records that the message was not accepted.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn abort_transmission(&self, message_id: Uuid, transmission_id: Uuid) -> Result<(), StepFailure>;

    /// Records that the message was accepted.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn confirm(&self, message_id: Uuid, transmission_id: Uuid) -> Result<(), StepFailure>;

    /// Records that nobody knows whether the message was accepted.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn mark_unconfirmed(
        &self,
        message_id: Uuid,
        transmission_id: Uuid,
        reason: &str,
    ) -> Result<(), StepFailure>;

    /// Records why an attempt failed, for admins.
    ///
    /// # Errors
    /// If the database cannot be reached.
    async fn record_failure(&self, message_id: Uuid, reason: &str) -> Result<(), StepFailure>;
}

/// Delivers the message of a job, at most once.
#[derive(Debug)]
pub struct SendMail {
    mailer: Mailer,
    outbox: Arc<dyn Outbox>,
}

/// The parameters of a job that delivers a message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    message_id: Uuid,
}

impl SendMail {
    /// Creates the step.
    pub fn new(mailer: Mailer, outbox: Arc<dyn Outbox>) -> Self {
        Self { mailer, outbox }
    }

    async fn deliver(&self, message_id: Uuid, job_id: Uuid) -> Result<(), StepFailure> {
        let Some(mail) = self.outbox.load(message_id).await? else { return Ok(()) };
        let transmission = self.mailer.prepare(&mail).await?;
        // Before the task begins, so that a shutdown waits for every task.
        let permit = self.mailer.transmissions.clone().acquire_owned().await;
        let outbox = self.outbox.clone();
        // The task continues if the worker shuts down or loses its lease, and stores the outcome.
        let transmit = async move {
            let result = transmit_once(outbox, message_id, job_id, transmission).await;
            drop(permit);
            result
        };
        match tokio::spawn(transmit).await {
            Ok(result) => result,
            Err(_) => Err(StepFailure::transient("the transmission was interrupted")),
        }
    }
}

/// Transmits a message unless a transmission has begun before, and stores the outcome.
async fn transmit_once(
    outbox: Arc<dyn Outbox>,
    message_id: Uuid,
    job_id: Uuid,
    transmission: Transmission,
) -> Result<(), StepFailure> {
    let id = Uuid::now_v7();
    if !outbox.begin_transmission(message_id, job_id, id).await? {
        // The next probe says why.
        return Ok(());
    }
    let result = transmission.transmit().await;
    store(outbox.as_ref(), message_id, id, result.as_ref().err()).await?;
    result.map_err(|error| match error {
        TransmissionError::Refused(failure) => failure,
        TransmissionError::Unknown(reason) => StepFailure::permanent(reason),
    })
}

/// Stores the outcome of a transmission. If the database cannot be reached for too long, the outcome stays
/// unknown, and the next attempt marks the message as unconfirmed.
async fn store(
    outbox: &dyn Outbox,
    message_id: Uuid,
    id: Uuid,
    error: Option<&TransmissionError>,
) -> Result<(), StepFailure> {
    let mut attempts = 1..=STORE_ATTEMPTS;
    loop {
        attempts.next();
        let stored = match error {
            None => outbox.confirm(message_id, id).await,
            Some(TransmissionError::Refused(_)) => outbox.abort_transmission(message_id, id).await,
            Some(TransmissionError::Unknown(reason)) => outbox.mark_unconfirmed(message_id, id, reason).await,
        };
        if stored.is_ok() || attempts.is_empty() {
            return stored;
        }
        tokio::time::sleep(STORE_PAUSE).await;
    }
}

#[async_trait]
impl StepWork for SendMail {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        match self.outbox.check(message_id(job)?, job.id).await? {
            MessageState::Deliver => Ok(None),
            MessageState::Done(reason) => Ok(Some(reason)),
            MessageState::Interrupted => Err(StepFailure::permanent(
                "an earlier attempt was interrupted after the message was transmitted, so it may have been delivered",
            )),
        }
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        let message_id = message_id(job)?;
        let result = self.deliver(message_id, job.id).await;
        if let Err(failure) = &result {
            // The failure of the step is stored in any case.
            let _ = self.outbox.record_failure(message_id, &failure.message).await;
        }
        result
    }

    /// A message that was sent cannot be taken back.
    async fn compensate(&self, _job: &Job) -> Result<(), StepFailure> {
        Ok(())
    }

    fn timeout(&self) -> Duration {
        COMMAND_TIMEOUT * 6 + ACCEPT_TIMEOUT
    }

    fn retry_policy(&self) -> Option<RetryPolicy> {
        Some(self.mailer.settings().retry_policy())
    }
}

fn message_id(job: &Job) -> Result<Uuid, StepFailure> {
    Parameters::deserialize(&job.context)
        .map(|parameters| parameters.message_id)
        .map_err(|_| StepFailure::permanent("the job has no message"))
}
