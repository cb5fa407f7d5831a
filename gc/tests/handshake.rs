//! The handshake with the marker's thread, in every order of events: the module itself, built with the locks of the model
//! checker loom.

/// Loom's locks with the interface of `parking_lot`'s.
mod sync {
    use std::ops::{Deref, DerefMut};

    pub(crate) use loom::sync::atomic::{AtomicBool, Ordering};

    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    pub(crate) struct Guard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Mutex<T> {
            Mutex(loom::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> Guard<'_, T> {
            Guard(Some(self.0.lock().expect("nobody panics with the lock")))
        }
    }

    impl<T> Deref for Guard<'_, T> {
        type Target = T;
        fn deref(&self) -> &T {
            self.0.as_ref().expect("held")
        }
    }

    impl<T> DerefMut for Guard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            self.0.as_mut().expect("held")
        }
    }

    pub(crate) struct Condvar(loom::sync::Condvar);

    impl Condvar {
        pub(crate) fn new() -> Condvar {
            Condvar(loom::sync::Condvar::new())
        }

        pub(crate) fn wait<T>(&self, guard: &mut Guard<'_, T>) {
            let held = guard.0.take().expect("held");
            guard.0 = Some(self.0.wait(held).expect("nobody panics with the lock"));
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }
    }
}

#[path = "../src/handshake.rs"]
mod handshake;

use handshake::{Handshake, Work};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use sync::{AtomicBool, Ordering};

/// A small worklist: item `n > 0` makes an item `n - 1`, as an object makes its children.  What was done is in a cell that
/// loom watches: two threads that touch it without a handshake between them fail the test.
struct Worklist {
    pending: Vec<u32>,
    done: UnsafeCell<Vec<u32>>,
}

impl Worklist {
    fn of(pending: &[u32]) -> Worklist {
        Worklist { pending: pending.to_vec(), done: UnsafeCell::new(Vec::new()) }
    }

    /// What was done, in order of size.
    fn done(self) -> Vec<u32> {
        let mut done = self.done.into_inner();
        done.sort_unstable();
        done
    }
}

impl Work for Worklist {
    type Item = u32;

    fn add(&mut self, items: Vec<u32>) {
        self.pending.extend(items);
    }

    fn work(&mut self, stop: &AtomicBool) -> bool {
        while let Some(item) = self.pending.pop() {
            // SAFETY: the closure is all that uses the pointer, and loom checks that nobody else does meanwhile.
            self.done.with_mut(|done| unsafe { &mut *done }.push(item));
            if item > 0 {
                self.pending.push(item - 1);
            }
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        self.pending.is_empty()
    }
}

/// Run `program` beside the thread, in every order.
fn in_every_order(program: fn(&Handshake<Worklist>)) {
    loom::model(move || {
        let handshake = Arc::new(Handshake::new());
        let shared = Arc::clone(&handshake);
        let thread = loom::thread::spawn(move || shared.run());
        program(&handshake);
        handshake.quit();
        thread.join().expect("the thread ends");
    });
}

/// Do on this thread what is left, as the program does when it wants the cycle to end.
fn finish(mut work: Worklist) -> Vec<u32> {
    let go_on = AtomicBool::new(false);
    while !work.work(&go_on) {}
    work.done()
}

#[test]
fn nothing_is_lost_or_done_twice_when_the_work_is_called_back() {
    in_every_order(|handshake| {
        handshake.give(Worklist::of(&[1]));
        handshake.send(vec![2]);
        let work = handshake.take().expect("it was given");
        assert_eq!(finish(work), [0, 0, 1, 1, 2]);
        assert!(handshake.take().is_none(), "the program has it");
    });
}

#[test]
fn what_is_back_is_done_but_for_what_was_sent_last() {
    in_every_order(|handshake| {
        handshake.give(Worklist::of(&[0]));
        match handshake.take_if_done() {
            Some(work) => assert_eq!((work.pending.len(), work.done()), (0, vec![0])),
            None => {
                handshake.send(vec![0]);
                let work = handshake.take().expect("it was given");
                assert_eq!(finish(work), [0, 0]);
            }
        }
    });
}

#[test]
fn the_work_goes_there_and_back_again() {
    in_every_order(|handshake| {
        handshake.give(Worklist::of(&[0]));
        let mut work = handshake.take().expect("it was given");
        work.add(vec![0]);
        handshake.give(work);
        assert_eq!(finish(handshake.take().expect("it was given")), [0, 0]);
    });
}

#[test]
fn work_that_is_called_back_is_there_now_or_later() {
    in_every_order(|handshake| {
        handshake.give(Worklist::of(&[1]));
        let work = handshake.call_back().or_else(|| handshake.take()).expect("it was given");
        assert_eq!(finish(work), [0, 1]);
    });
}

#[test]
fn discarded_work_is_not_done() {
    in_every_order(|handshake| {
        handshake.discard(Worklist::of(&[1]));
        handshake.give(Worklist::of(&[0]));
        assert_eq!(finish(handshake.take().expect("it was given")), [0]);
    });
}

#[test]
fn the_thread_ends_whatever_it_has() {
    in_every_order(|handshake| {
        handshake.give(Worklist::of(&[1]));
        handshake.send(vec![0]);
    });
}
