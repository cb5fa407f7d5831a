//! Allocation windows: how a block gives cells.
//!
//! Every space class has one window, a run of free cells; allocation bumps through it.  A plan refills a window from
//! wherever it likes (a fresh block, a run of dead cells found in a bitmap, an arena), so the fast path is the same
//! data and the same three instructions under every plan.
//! Bump inside runs was chosen over a free mask per 64 cells because it serves all cell sizes and all plans alike; the
//! bench `alloc` compares both on empty and fragmented blocks.

use crate::size_class::{CLASSES, Class};
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// A run of free cells of one class.
pub(crate) struct Window {
    cursor: Cell<*mut u8>,
    limit: Cell<*mut u8>,
    /// Where the run began, so that what was allocated from it can be counted when it is retired.
    start: Cell<*mut u8>,
}

impl Window {
    const fn empty() -> Window {
        Window {
            cursor: Cell::new(ptr::null_mut()),
            limit: Cell::new(ptr::null_mut()),
            start: Cell::new(ptr::null_mut()),
        }
    }

    /// Take a cell of `bytes` bytes, or `None` if the window is used up.
    #[inline(always)]
    pub(crate) fn take(&self, bytes: usize) -> Option<NonNull<u8>> {
        let cell = self.cursor.get();
        if cell == self.limit.get() {
            return None;
        }
        self.cursor.set(cell.wrapping_add(bytes));
        NonNull::new(cell)
    }

    /// Open a run: `limit - start` is a multiple of the class's cell size.
    pub(crate) fn open(&self, start: NonNull<u8>, limit: *mut u8) {
        self.start.set(start.as_ptr());
        self.cursor.set(start.as_ptr());
        self.limit.set(limit);
    }

    /// Close the window; gives the unused rest of its run, if any.
    pub(crate) fn close(&self) -> Option<(NonNull<u8>, usize)> {
        let rest = self.limit.get().addr() - self.cursor.get().addr();
        let cursor = NonNull::new(self.cursor.get()).filter(|_| rest > 0);
        self.open_empty();
        cursor.map(|cursor| (cursor, rest))
    }

    fn open_empty(&self) {
        self.start.set(ptr::null_mut());
        self.cursor.set(ptr::null_mut());
        self.limit.set(ptr::null_mut());
    }

    /// Bytes taken since the window was opened.
    #[inline]
    pub(crate) fn taken(&self) -> usize {
        self.cursor.get().addr() - self.start.get().addr()
    }

    /// The unused rest, without closing.
    pub(crate) fn rest(&self) -> (*mut u8, usize) {
        (self.cursor.get(), self.limit.get().addr() - self.cursor.get().addr())
    }
}

/// One window a class.
pub(crate) struct Windows([Window; CLASSES]);

impl Windows {
    pub(crate) const fn new() -> Windows {
        Windows([const { Window::empty() }; CLASSES])
    }

    #[inline(always)]
    pub(crate) fn of(&self, class: Class) -> &Window {
        &self.0[class.0 as usize]
    }
}
