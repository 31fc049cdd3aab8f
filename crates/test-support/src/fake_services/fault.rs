//! The faults of the fake services, and the calls that they affect.

use std::{collections::VecDeque, time::Duration};

/// A group of calls to a fake service that use the same records and are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/tenants/{code}`.
    Bridge,
    /// `/copies/{database}`.
    Copies,
    /// Odoo's service `common`, such as `common.authenticate`.
    OdooSession,
    /// `res.users` of the tenants' copies.
    OdooUsers,
    /// `vendor.ops.tenant`.
    Tenants,
    /// `vendor.ops.tenant.user`.
    TenantUsers,
    /// Any other path. The response is 404.
    Unknown,
}

/// How a call uses the records of its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// `GET`, `search`, `read`, `authenticate`.
    Read,
    /// `PUT`, `create`, `write`.
    Write,
    /// `DELETE`, `unlink`.
    Delete,
}

/// Selects the calls to an endpoint, all of them or those of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matcher {
    endpoint: Endpoint,
    kind: Option<CallKind>,
}

impl Endpoint {
    /// Selects the calls that only read.
    pub fn reads(self) -> Matcher {
        Matcher { endpoint: self, kind: Some(CallKind::Read) }
    }

    /// Selects the calls that create or update.
    pub fn writes(self) -> Matcher {
        Matcher { endpoint: self, kind: Some(CallKind::Write) }
    }

    /// Selects the calls that delete.
    pub fn deletes(self) -> Matcher {
        Matcher { endpoint: self, kind: Some(CallKind::Delete) }
    }
}

impl From<Endpoint> for Matcher {
    fn from(endpoint: Endpoint) -> Self {
        Self { endpoint, kind: None }
    }
}

impl Matcher {
    pub(super) fn matches(self, endpoint: Endpoint, kind: CallKind) -> bool {
        self.endpoint == endpoint && self.kind.is_none_or(|wanted| wanted == kind)
    }
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The effect and the response wait for [`FakeServices::release`](super::FakeServices::release). The
    /// effect happens even if the caller disconnects.
    Hold,
    /// No effect; the response has this status.
    Status(u16),
    /// No effect; the response is 429 with `Retry-After` in whole seconds.
    Throttle(Duration),
    /// No effect; the connection closes without a response.
    CloseBeforeActing,
    /// The effect exists; the connection closes without a response.
    LoseResponse,
    /// The effect exists; the body of the response arrives one byte a second.
    ByteByByte,
    /// No effect, and the call never ends.
    Hang,
    /// The effect exists, and the call never ends.
    HangAfterActing,
}

/// The injected faults that have not happened yet, each with the number of calls that it still affects.
#[derive(Debug, Default)]
pub(super) struct FaultQueue(VecDeque<(Matcher, Fault, usize)>);

impl FaultQueue {
    pub(super) fn add(&mut self, matcher: Matcher, fault: Fault, times: usize) {
        if times > 0 {
            self.0.push_back((matcher, fault, times));
        }
    }

    /// Takes the fault for a call.
    pub(super) fn take(&mut self, endpoint: Endpoint, kind: CallKind) -> Option<Fault> {
        let at = self.0.iter().position(|(matcher, ..)| matcher.matches(endpoint, kind))?;
        let (_, fault, remaining) = self.0.get_mut(at)?;
        let fault = *fault;
        *remaining -= 1;
        if *remaining == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }
}
