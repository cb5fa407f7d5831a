//! Events: the one seam between the runtime and whoever measures it.
//!
//! The list is closed.  The runtime pushes an event after a pause, from recorded numbers, into a buffer allocated
//! beforehand; when it is full, further events are counted and dropped.  A tool-side thread may drain it meanwhile.
//! Nothing is formatted, written or locked inside a pause: the lock is taken when the pause is over.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Instant;

macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant,)* }
        impl $name {
            /// All values, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The name in records.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
        }
    };
}

named! {
    /// What kind of stop a pause was.
    PauseKind {
        /// A collection of the nursery.
        Minor = "minor",
        /// A collection of the whole heap.
        Major = "major",
        /// A bounded slice of a collection.
        Increment = "increment",
        /// The stop that ends an incremental collection.
        Final = "final",
    }
}

named! {
    /// Why a pause happened.
    Cause {
        /// `gc-cons-threshold` bytes were allocated.
        Threshold = "threshold",
        /// `gc-cons-percentage` of the live heap was allocated.
        Percentage = "percentage",
        /// The heap has grown by what its trigger allows.
        Growth = "growth",
        /// The nursery is full.
        NurseryFull = "nursery-full",
        /// The fixed heap is full.
        HeapFull = "heap-full",
        /// Lisp asked for it.
        Explicit = "explicit",
        /// Stress mode.
        Stress = "stress",
        /// The program said that it is idle.
        Idle = "idle",
    }
}

named! {
    /// The parts of a pause.
    Phase {
        /// Finishing what the last collection left: unswept blocks.
        Prepare = "prepare",
        /// Roots.
        Roots = "roots",
        /// The transitive closure, by marking or copying.
        Trace = "trace",
        /// Weak tables, finalizers, native handles.
        Weak = "weak",
        /// Freeing what can be freed at once.
        Release = "release",
    }
}

/// How many phases there are.
pub const PHASES: usize = Phase::ALL.len();

/// One stop of the mutator.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    /// Nanoseconds since the context was made.
    pub start_ns: u64,
    /// Length in nanoseconds.
    pub pause_ns: u64,
    /// What kind of stop.
    pub kind: PauseKind,
    /// Why.
    pub cause: Cause,
    /// Nanoseconds a phase, in the order of [`Phase::ALL`].
    pub phases: [u64; PHASES],
    /// Bytes in cells and large objects before: live after the last collection and allocated since.
    pub bytes_before: u64,
    /// Bytes live after it.
    pub bytes_after: u64,
    /// Objects before, counted like the bytes.
    pub objects_before: u64,
    /// Objects live after it.
    pub objects_after: u64,
    /// Bytes copied.
    pub bytes_copied: u64,
    /// Bytes that became old in a collection of the young: with aging, fewer than were copied.
    pub bytes_promoted: u64,
    /// Root words scanned.
    pub roots: u64,
    /// Objects in the remembered set.
    pub remembered: u64,
}

/// An event.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The mutator was stopped.
    Pause(Pause),
    /// A request of the program began, nanoseconds since the context was made.
    RequestBegin(u64),
    /// The innermost request ended.
    RequestEnd(u64),
}

/// The buffer that events go to.
pub struct EventBuffer {
    events: Vec<Event>,
    capacity: usize,
    dropped: u64,
}

impl EventBuffer {
    fn push(&mut self, event: Event) {
        if self.events.len() < self.capacity {
            self.events.push(event);
        } else {
            self.dropped += 1;
        }
    }

    /// Move all events to `into`; gives how many were dropped since the last call.
    pub fn drain_into(&mut self, into: &mut Vec<Event>) -> u64 {
        into.append(&mut self.events);
        std::mem::take(&mut self.dropped)
    }
}

/// A handle on the event buffer that may go to another thread.
pub type EventSink = Arc<Mutex<EventBuffer>>;

/// The runtime's end of the event stream.
pub(crate) struct Events {
    origin: Instant,
    sink: EventSink,
}

impl Events {
    pub(crate) fn new(capacity: usize) -> Events {
        let buffer = EventBuffer { events: Vec::with_capacity(capacity), capacity, dropped: 0 };
        Events { origin: Instant::now(), sink: Arc::new(Mutex::new(buffer)) }
    }

    /// Nanoseconds since the context was made.
    pub(crate) fn now(&self) -> u64 {
        self.origin.elapsed().as_nanos() as u64
    }

    pub(crate) fn push(&self, event: Event) {
        self.sink.lock().push(event);
    }

    pub(crate) fn sink(&self) -> EventSink {
        Arc::clone(&self.sink)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_buffer_counts_what_it_drops() {
        let events = Events::new(2);
        for i in 0..5 {
            events.push(Event::RequestBegin(i));
        }
        let mut out = Vec::new();
        assert_eq!(events.sink().lock().drain_into(&mut out), 3);
        assert!(matches!(out[..], [Event::RequestBegin(0), Event::RequestBegin(1)]));
        events.push(Event::RequestEnd(9));
        assert_eq!(events.sink().lock().drain_into(&mut out), 0);
        assert_eq!(out.len(), 3);
    }
}
