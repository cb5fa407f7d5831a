//! # tenure-gc
//!
//! The heap of `tenure`, a precise-GC research runtime for Emacs Lisp.  All `unsafe` of the project is here.
//!
//! - A Lisp value is an [`Object`], a tagged word that borrows the [`Context`] it came from; [`Object::untag`] gives its
//!   [`Kind`].
//! - `&Context` cannot collect and can allocate; `&mut Context` may collect.  What must live across a safepoint is a
//!   [`Root`], made by a [`RootScope`], or sits in a [`RootVec`]; arguments of calls are windows ([`Args`]) of the Lisp
//!   stack.  Misuse does not compile (`tests/ui`).
//! - A collector is a row of [`PLANS`]; see `docs/collectors/`.
//! - What happens is told by [`Event`]s in a preallocated buffer; nothing here formats, prints or evaluates.

#![warn(clippy::undocumented_unsafe_blocks)]

mod allocator;
mod barrier;
mod block;
mod census;
mod context;
mod event;
mod handshake;
mod header;
mod heap;
mod native_allocator;
mod obarray;
mod object;
mod options;
mod plan;
mod root;
mod size_class;
mod slot;
mod space;
mod subr;
mod sync;
mod trace;
mod trigger;
mod verify;
mod watch;
mod weak;
mod word;
mod worklist;

pub use census::{Census, CensusRow, UseCounts};
pub use context::{Context, EXTENSIONS, MEMORY_FULL};
pub use event::{Cause, Event, EventBuffer, EventSink, PHASES, Pause, PauseKind, Phase};
pub use header::{HeaderKind, KINDS, KindInfo, MAX_SLOTS};
pub use native_allocator::NATIVE_ALLOCATOR;
pub use object::hash_table::{MAX_ENTRIES, USER_SLOTS};
pub use object::{
    Bignum, BoolVector, Buffer, ByteCode, Callee, CharTable, Closure, Cons, Finalizer, Float, HashCode, HashTable,
    Interned, Kind, MAX_BUILTIN_SYMBOLS, Marker, NIL, Native, Object, Overlay, Record, Redirect, Str, SubCharTable,
    SubrRef, Symbol, T, UNBOUND, Vector, Vectorlike, Weakness, Words, Write,
};
pub use options::{Config, OPTIONS, OptionError, OptionInfo, Trigger, parse_size};
pub use plan::{Compacts, DEFAULT_PLAN, PLANS, PlanInfo};
pub use root::{Args, CallResult, LispResult, Pushed, Ret, Root, RootScope, RootVec, Slots, Throw};
pub use subr::{MAX_FIXED_ARGS, MaxArgs, Subr, SubrInfo};
pub use word::{MOST_NEGATIVE_FIXNUM, MOST_POSITIVE_FIXNUM};
