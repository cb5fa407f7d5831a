//! The native allocator that the `malloc` plan calls: chosen when the crate is built.
//!
//! The system's is there without asking; each other one is a cargo feature with its name, and if several are on, the
//! first of them in the order below serves.  Rust's own allocations are not touched by this.

use std::ptr::NonNull;

#[cfg(feature = "mimalloc")]
mod chosen {
    pub(super) const NAME: &str = "mimalloc";
    pub(super) use libmimalloc_sys::{mi_free as free, mi_malloc as malloc};
    pub(super) fn prepare_thread() {}
}

#[cfg(all(feature = "jemalloc", not(feature = "mimalloc")))]
mod chosen {
    pub(super) const NAME: &str = "jemalloc";
    pub(super) use tikv_jemalloc_sys::{free, malloc};
    pub(super) fn prepare_thread() {}
}

#[cfg(all(feature = "snmalloc", not(any(feature = "mimalloc", feature = "jemalloc"))))]
mod chosen {
    pub(super) const NAME: &str = "snmalloc";
    pub(super) use snmalloc_sys::{sn_free as free, sn_malloc as malloc};
    pub(super) fn prepare_thread() {}
}

#[cfg(all(feature = "rpmalloc", not(any(feature = "mimalloc", feature = "jemalloc", feature = "snmalloc"))))]
mod chosen {
    pub(super) const NAME: &str = "rpmalloc";
    pub(super) use rpmalloc_sys::{rpfree as free, rpmalloc as malloc};
    /// It is initialised once a process, and once a thread.
    pub(super) fn prepare_thread() {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            // SAFETY: called once, before anything else of the library.
            assert_eq!(unsafe { rpmalloc_sys::rpmalloc_initialize() }, 0, "rpmalloc does not start");
        });
        // SAFETY: the library is initialised; a second call in a thread does nothing.
        unsafe { rpmalloc_sys::rpmalloc_thread_initialize() };
    }
}

#[cfg(not(any(feature = "mimalloc", feature = "jemalloc", feature = "snmalloc", feature = "rpmalloc")))]
mod chosen {
    pub(super) const NAME: &str = "system";
    pub(super) use libc::{free, malloc};
    pub(super) fn prepare_thread() {}
}

/// The name of the native allocator of this build.
pub const NATIVE_ALLOCATOR: &str = chosen::NAME;

/// To be called before the first allocation of a thread.
pub(crate) fn prepare_thread() {
    chosen::prepare_thread();
}

/// `bytes` bytes of its memory, if it has them.
#[inline]
pub(crate) fn allocate(bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: any size may be asked for, and this thread was prepared.
    NonNull::new(unsafe { chosen::malloc(bytes) }.cast())
}

/// Give memory back.
///
/// # Safety
/// `allocate` gave it, it was not given back before, and nobody uses it any more.
#[inline]
pub(crate) unsafe fn release(start: NonNull<u8>) {
    // SAFETY: what the caller promises is what is asked.
    unsafe { chosen::free(start.as_ptr().cast()) };
}
