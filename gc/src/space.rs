//! Spaces: what a region of memory does at a collection.

pub(crate) mod cells;
pub(crate) mod large;
pub(crate) mod native;
pub(crate) mod nursery;
