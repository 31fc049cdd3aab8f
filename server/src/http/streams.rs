//! State that the event streams of this process share: the limit of each person, and shared readings of
//! requests and employees. Streams that need the same data at the same time cause one query.

mod reading;
mod weak_map;

use std::sync::Arc;

use domain::history::RequestDetail;
use engine::{
    Engine,
    access::{Employee, EventStreamLimit, EventStreamPermit},
};
use uuid::Uuid;

use self::weak_map::WeakMap;
use super::{credential::Credential, error::ApiError};

pub(crate) use self::reading::{Reading, SharedReading};

/// The limit and the shared readings of the event streams of this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streams {
    limit: EventStreamLimit,
    requests: Arc<WeakMap<Uuid, SharedReading<Option<Arc<RequestDetail>>>>>,
    employees: Arc<WeakMap<Credential, SharedReading<Option<Employee>>>>,
}

impl Streams {
    /// Admits a stream of this employee. The stream holds the permit until it ends.
    ///
    /// # Errors
    /// `RATE_LIMITED` if the person already has the maximum number of streams; the database's error.
    pub(crate) async fn admit(
        &self,
        engine: &Engine,
        employee_id: Uuid,
    ) -> Result<EventStreamPermit, ApiError> {
        self.limit.admit(engine, employee_id).await?.ok_or_else(ApiError::too_many_streams)
    }

    /// Returns the shared reading of a request. A stream keeps it until the stream ends, because the map
    /// holds only weak references.
    pub(crate) fn request(&self, id: Uuid) -> Arc<SharedReading<Option<Arc<RequestDetail>>>> {
        self.requests.get_or_insert(id, SharedReading::default)
    }

    /// Returns the shared reading of the employee of a credential. A stream keeps it until the stream ends.
    pub(crate) fn employee(&self, credential: &Credential) -> Arc<SharedReading<Option<Employee>>> {
        self.employees.get_or_insert(credential.clone(), SharedReading::default)
    }
}
