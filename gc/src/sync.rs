//! What [`crate::handshake`] is built from; the model checker's tests put their own in its place.

pub(crate) use parking_lot::{Condvar, Mutex};
pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
