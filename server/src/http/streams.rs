//! State that the event streams of this process share: the limit of each employee, and shared readings of
//! requests and employees. Streams that need the same data at the same time cause one query.

mod reading;
mod weak_map;

use std::sync::Arc;

use domain::history::RequestDetail;
use engine::access::Employee;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use self::weak_map::WeakMap;
use super::{credential::Credential, error::ApiError};

pub(crate) use self::reading::{Reading, SharedReading};

/// The maximum number of open event streams of one employee (`docs/specification.md`, section 10).
const MAX_STREAMS: usize = 8;

/// The limits and the shared readings of the event streams of this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streams {
    limits: Arc<WeakMap<Uuid, Semaphore>>,
    requests: Arc<WeakMap<Uuid, SharedReading<Option<Arc<RequestDetail>>>>>,
    employees: Arc<WeakMap<Credential, SharedReading<Option<Employee>>>>,
}

impl Streams {
    /// Admits a stream of this employee. The stream holds the permit until it ends.
    ///
    /// # Errors
    /// `RATE_LIMITED` if the employee already has [`MAX_STREAMS`] streams.
    pub(crate) fn admit(&self, employee_id: Uuid) -> Result<OwnedSemaphorePermit, ApiError> {
        let limit = self.limits.get_or_insert(employee_id, || Semaphore::new(MAX_STREAMS));
        limit.try_acquire_owned().map_err(|_| ApiError::too_many_streams())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_admitted_again_after_another_one_has_ended() {
        let (streams, employee, other) = (Streams::default(), Uuid::new_v4(), Uuid::new_v4());
        let mut open: Vec<_> = (0..MAX_STREAMS).map(|_| streams.admit(employee).unwrap()).collect();
        assert!(streams.admit(employee).is_err());
        assert!(streams.admit(other).is_ok());
        open.pop();
        open.push(streams.admit(employee).unwrap());
        assert!(streams.admit(employee).is_err());
    }
}
