//! The heap of `tenure`.
