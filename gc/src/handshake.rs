//! The handshake between the program and the thread that marks beside it.
//!
//! There is one piece of work, and it is always in one place: with the program, on its way, or with the thread.  Whoever
//! has it owns it, so nothing in it is shared, and its worklist is an ordinary one.  While the thread has it the program
//! can send it further items, which the thread takes in when it has done the others; so when it is back nothing is left,
//! or it was called back.
//!
//! The module knows nothing of objects.  `tests/handshake.rs` builds it a second time, with the locks of the model checker
//! loom in place of [`super::sync`]'s, and runs through every order of events in small cases.
//! INV-HANDSHAKE-1: what one side wrote before it let go of the work, or sent, the other sees when it has it: every way
//! from one to the other leads through the lock.

use super::sync::{AtomicBool, Condvar, Mutex, Ordering};

/// Something that can be done on another thread.
pub(crate) trait Work: Send {
    /// What can be sent after it.
    type Item: Send;
    /// More to do.
    fn add(&mut self, items: Vec<Self::Item>);
    /// Work until nothing is left, or until soon after `stop` is set; tells whether nothing is left.
    fn work(&mut self, stop: &AtomicBool) -> bool;
}

/// Where the work is.
enum Place<W> {
    /// With the program.
    Home,
    /// The thread has not yet noticed it.
    Given(W),
    /// With the thread.
    Away,
    /// The program has not yet taken it.
    Returned(W),
}

struct State<W: Work> {
    place: Place<W>,
    /// What was sent after it.
    inbox: Vec<Vec<W::Item>>,
    /// Work that nobody wants any more: to free its memory may take long.
    discarded: Option<W>,
    quit: bool,
}

/// Shared by the program and the thread.
pub(crate) struct Handshake<W: Work> {
    state: Mutex<State<W>>,
    changed: Condvar,
    /// The program wants the work back.
    stop: AtomicBool,
}

impl<W: Work> State<W> {
    /// Take the work out of its place if it is on its way, with what was sent after it.
    fn take(&mut self) -> Option<W> {
        match std::mem::replace(&mut self.place, Place::Home) {
            Place::Given(mut work) | Place::Returned(mut work) => {
                self.inbox.drain(..).for_each(|items| work.add(items));
                Some(work)
            }
            place => {
                self.place = place;
                None
            }
        }
    }
}

impl<W: Work> Handshake<W> {
    pub(crate) fn new() -> Handshake<W> {
        let state = State { place: Place::Home, inbox: Vec::new(), discarded: None, quit: false };
        Handshake { state: Mutex::new(state), changed: Condvar::new(), stop: AtomicBool::new(false) }
    }

    /// The program's side: let the thread have the work, which the program has.
    pub(crate) fn give(&self, work: W) {
        let mut state = self.state.lock();
        self.stop.store(false, Ordering::Relaxed);
        state.place = Place::Given(work);
        self.changed.notify_all();
    }

    /// The program's side: let the thread drop the work, which the program has.
    pub(crate) fn discard(&self, work: W) {
        let mut state = self.state.lock();
        state.discarded = Some(work);
        self.changed.notify_all();
    }

    /// The program's side: send something after the work.
    pub(crate) fn send(&self, items: Vec<W::Item>) {
        self.state.lock().inbox.push(items);
    }

    /// The program's side: the work, if the thread has done it.
    pub(crate) fn take_if_done(&self) -> Option<W> {
        let mut state = self.state.lock();
        if matches!(state.place, Place::Returned(_)) { state.take() } else { None }
    }

    /// The program's side: ask for the work, done or not, and take it if it is back; the thread may have to be waited for
    /// longer than the program can.
    pub(crate) fn call_back(&self) -> Option<W> {
        let mut state = self.state.lock();
        self.stop.store(true, Ordering::Relaxed);
        state.take()
    }

    /// The program's side: the work, done or not; `None` if it is with the program already.
    pub(crate) fn take(&self) -> Option<W> {
        let mut state = self.state.lock();
        self.stop.store(true, Ordering::Relaxed);
        loop {
            if let Some(work) = state.take() {
                return Some(work);
            }
            if matches!(state.place, Place::Home) {
                return None;
            }
            self.changed.wait(&mut state);
        }
    }

    /// The program's side: let [`Handshake::run`] return.
    pub(crate) fn quit(&self) {
        let mut state = self.state.lock();
        state.quit = true;
        self.stop.store(true, Ordering::Relaxed);
        self.changed.notify_all();
    }

    /// The thread's side: do what is given, until the program quits.
    pub(crate) fn run(&self) {
        let mut state = self.state.lock();
        loop {
            while !matches!(state.place, Place::Given(_)) && state.discarded.is_none() && !state.quit {
                self.changed.wait(&mut state);
            }
            if state.quit {
                return;
            }
            // What may take long is done without the lock, so that the program never waits for it.
            if let Some(work) = state.discarded.take() {
                drop(state);
                drop(work);
                state = self.state.lock();
                continue;
            }
            let Some(mut work) = state.take() else { continue };
            state.place = Place::Away;
            loop {
                drop(state);
                let done = work.work(&self.stop);
                state = self.state.lock();
                // What is left in the inbox, whoever takes the work takes in.
                if self.stop.load(Ordering::Relaxed) || done && state.inbox.is_empty() {
                    break;
                }
                let inbox = std::mem::take(&mut state.inbox);
                drop(state);
                inbox.into_iter().for_each(|items| work.add(items));
                state = self.state.lock();
            }
            state.place = Place::Returned(work);
            self.changed.notify_all();
        }
    }
}
