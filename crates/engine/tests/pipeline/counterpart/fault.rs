//! What can be ordered to go wrong, and where.

use std::{collections::VecDeque, time::Duration};

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// `/tenants/{code}`.
    Bridge,
    /// `/copies/{database}`.
    Copies,
    /// Odoo's `common.authenticate` and its like.
    OdooSession,
    /// `res.users` of the tenants' copies.
    OdooUsers,
    /// `vendor.ops.tenant`.
    Tenants,
    /// `vendor.ops.tenant.user`.
    TenantUsers,
    /// Anything that is not served; answered 404.
    Elsewhere,
}

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadStepAction {
    /// Reading: `GET`, `search`, `read`, `authenticate`.
    Look,
    /// `PUT`, `create`, `write`.
    Make,
    /// `DELETE`, `unlink`.
    Undo,
}

/// Calls of one kind: all to a place, or those for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    place: Place,
    deed: Option<DeadStepAction>,
}

impl Place {
    /// The calls that read.
    pub fn look(self) -> Spot {
        Spot { place: self, deed: Some(DeadStepAction::Look) }
    }

    /// The calls that make or change.
    pub fn make(self) -> Spot {
        Spot { place: self, deed: Some(DeadStepAction::Make) }
    }

    /// The calls that remove.
    pub fn undo(self) -> Spot {
        Spot { place: self, deed: Some(DeadStepAction::Undo) }
    }
}

impl From<Place> for Spot {
    fn from(place: Place) -> Self {
        Self { place, deed: None }
    }
}

impl Spot {
    pub(super) fn covers(self, place: Place, deed: DeadStepAction) -> bool {
        self.place == place && self.deed.is_none_or(|wanted| wanted == deed)
    }
}

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Acts and answers that much later, even when the caller has gone by then.
    Delay(Duration),
    /// Does nothing, and answers this status.
    Status(u16),
    /// Does nothing, and answers 429 with `Retry-After`, in whole seconds.
    Throttle(Duration),
    /// Does nothing, and closes the connection without an answer.
    CloseBeforeActing,
    /// Acts, and closes the connection without an answer.
    LoseAnswer,
    /// Does nothing and never answers.
    Hang,
    /// Acts and never answers: time to kill the caller.
    HangAfterActing,
}

/// The faults that are to come.
#[derive(Debug, Default)]
pub(super) struct Orders(VecDeque<(Spot, Fault, usize)>);

impl Orders {
    pub(super) fn add(&mut self, spot: Spot, fault: Fault, times: usize) {
        if times > 0 {
            self.0.push_back((spot, fault, times));
        }
    }

    /// The fault for a call, which is used up by that.
    pub(super) fn take(&mut self, place: Place, deed: DeadStepAction) -> Option<Fault> {
        let at = self.0.iter().position(|(spot, ..)| spot.covers(place, deed))?;
        let (_, fault, left) = self.0.get_mut(at)?;
        let fault = *fault;
        *left -= 1;
        if *left == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }
}
