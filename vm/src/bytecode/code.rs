//! Decoded functions: what the machine runs, and where it is kept.
//!
//! A byte-code function carries a handle, which is the index of its decoded form in [`Codes`]; the heap tells when the
//! function dies, and the form goes with it.  A closure has its prototype's form, in which the first constants are
//! replaced by the values that were captured; prototypes whose closures capture different numbers of values have a form
//! for each number.

use super::form::{Index, Insn, Place};
use super::machine::Suspended;
use super::opcode::OPCODES;
use super::translate::translate;
use super::verify::{Constants, verify};
use crate::error::{self, signal};
use crate::state::Vm;
use crate::sym;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tenure_gc::{ByteCode, Context, Kind, Object, Subr, SubrInfo, Throw, Vector};

/// Slots of a byte-code function.
pub(crate) const ARGUMENTS: usize = 0;
/// The code string, or where it is to be fetched.
pub(crate) const CODE: usize = 1;
/// The constants.
pub(crate) const CONSTANTS: usize = 2;
/// The most values on the stack.
pub(crate) const DEPTH: usize = 3;

/// What arguments a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arguments {
    /// They are the first values on the stack.
    Lexical {
        /// How many there must be.
        required: usize,
        /// How many have a place of their own.
        positional: usize,
        /// Whether the others come as a list.
        rest: bool,
    },
    /// A list of symbols says, and they are bound dynamically.
    Dynamic,
}

impl Arguments {
    /// How many values they are on the stack.
    pub(super) fn registers(self) -> usize {
        match self {
            Arguments::Lexical { positional, rest, .. } => positional + usize::from(rest),
            Arguments::Dynamic => 0,
        }
    }

    /// What an argument descriptor means.
    fn of(descriptor: Object<'_>) -> Option<Arguments> {
        const MOST: i64 = 1 << 12;
        let Some(bits) = descriptor.as_fixnum() else { return Some(Arguments::Dynamic) };
        let (required, positional) = (bits & 127, bits >> 8);
        let fits = (0..=MOST).contains(&positional) && required <= positional;
        fits.then_some(Arguments::Lexical {
            required: required as usize,
            positional: positional as usize,
            rest: bits & 128 != 0,
        })
    }
}

/// What a named call does, as long as no function cell changes.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// Nothing is known.
    Unknown,
    /// The symbol's function is byte code: the handle, and how many values it captured.
    Code(u64, usize),
    /// It is a primitive that fits the number of arguments; the number of arguments it wants to see.
    Subr(Subr, usize),
}

/// The inline cache of a call.
pub(super) struct Cache {
    /// The constant that is the function's name.
    pub(super) k: Index,
    /// The context's epoch of function cells when the target was found.
    pub(super) epoch: Cell<u32>,
    pub(super) target: Cell<Target>,
}

impl Cache {
    pub(super) fn new(k: Index) -> Cache {
        Cache { k, epoch: Cell::new(0), target: Cell::new(Target::Unknown) }
    }
}

/// Where a jump table may lead.
pub(super) struct JumpTable {
    /// The constant that is the table.
    pub(super) k: Index,
    /// Places in the code string, and the instructions that begin there, in order.
    pub(super) places: Vec<(u32, Place)>,
}

/// A decoded function.
pub(super) struct Code {
    pub(super) insns: Box<[Insn]>,
    /// For each instruction the number of registers that hold something while it runs: the stack map.
    pub(super) live: Box<[u16]>,
    pub(super) caches: Box<[Cache]>,
    pub(super) tables: Box<[JumpTable]>,
    pub(super) arguments: Arguments,
    /// How many of the constants are captured values.
    pub(super) captured: usize,
    /// The register that holds the function.
    pub(super) function_slot: usize,
    pub(super) frame_words: usize,
}

/// The forms of one function, by the number of captured values.
type Forms = SmallVec<[Rc<Code>; 1]>;

/// The decoded functions of a context, and what else the machine keeps between runs.
pub(crate) struct Codes {
    forms: RefCell<Vec<Option<Forms>>>,
    /// The primitives that opcodes are, by row of the table, as far as they were wanted.
    natives: RefCell<Vec<Option<SubrInfo>>>,
    /// Empty lists of suspended callers, whose memory runs use again.
    lists: RefCell<Vec<Vec<Suspended>>>,
}

impl Default for Codes {
    fn default() -> Codes {
        let natives = RefCell::new(vec![None; OPCODES.len()]);
        Codes { forms: RefCell::default(), natives, lists: RefCell::default() }
    }
}

impl Codes {
    /// The primitive that an opcode is.
    #[inline]
    pub(super) fn native(&self, row: usize, find: impl FnOnce() -> Option<SubrInfo>) -> Option<SubrInfo> {
        let known = self.natives.borrow()[row];
        known.or_else(|| {
            let found = find();
            self.natives.borrow_mut()[row] = found;
            found
        })
    }

    /// A list for the suspended callers of a run.
    pub(super) fn take_list(&self) -> Vec<Suspended> {
        self.lists.borrow_mut().pop().unwrap_or_default()
    }

    /// The run has ended.
    pub(super) fn give_back(&self, mut list: Vec<Suspended>) {
        list.clear();
        self.lists.borrow_mut().push(list);
    }

    /// The decoded form with a handle.
    #[inline(always)]
    pub(super) fn get(&self, handle: u64, captured: usize) -> Option<Rc<Code>> {
        let forms = self.forms.borrow();
        let forms = forms.get((handle as usize).wrapping_sub(1))?.as_ref()?;
        forms.iter().find(|code| code.captured == captured).cloned()
    }

    fn put(&self, handle: u64, code: &Rc<Code>) {
        let mut forms = self.forms.borrow_mut();
        let i = (handle - 1) as usize;
        if forms.len() <= i {
            forms.resize_with(i + 1, || None);
        }
        forms[i].get_or_insert_default().push(Rc::clone(code));
    }

    /// Forget the forms of functions that died.
    fn sweep(&self, cx: &Context) {
        let mut forms = self.forms.borrow_mut();
        for handle in cx.take_dead_codes() {
            if let Some(entry) = forms.get_mut(handle as usize - 1) {
                *entry = None;
            }
        }
    }
}

/// The prototype of a function that is byte code, and how many values it captured.
#[inline(always)]
pub(super) fn parts(function: Object<'_>) -> Option<(ByteCode<'_>, usize)> {
    match function.untag() {
        Kind::ByteCode(code) => Some((code, 0)),
        Kind::Closure(closure) => Some((closure.prototype().as_byte_code()?, closure.len() - 1)),
        _ => None,
    }
}

/// The decoded form of a byte-code function.
#[inline(always)]
pub(super) fn code_of(function: Object<'_>, cx: &Context) -> Result<Rc<Code>, Throw> {
    let Some((prototype, captured)) = parts(function) else {
        return Err(signal(sym::INVALID_FUNCTION, &[function], cx));
    };
    let handle = prototype.code_handle();
    match Vm::of(cx).codes.get(handle, captured) {
        Some(code) => Ok(code),
        None => decode_function(function, prototype, captured, cx),
    }
}

#[cold]
fn decode_function(
    function: Object<'_>,
    prototype: ByteCode<'_>,
    captured: usize,
    cx: &Context,
) -> Result<Rc<Code>, Throw> {
    let slot = |i: usize| prototype.get(i).unwrap_or_default();
    let (Some(arguments), Some(code), Some(constants), Some(depth)) =
        (Arguments::of(slot(ARGUMENTS)), slot(CODE).as_string(), slot(CONSTANTS).as_vector(), slot(DEPTH).as_fixnum())
    else {
        return Err(signal(sym::INVALID_FUNCTION, &[function], cx));
    };
    let code = Rc::new(decode_parts(code.bytes(), constants, depth, arguments, captured, cx)?);
    let codes = &Vm::of(cx).codes;
    codes.sweep(cx);
    let handle = match prototype.code_handle() {
        0 => cx.register_code(prototype),
        handle => handle,
    };
    codes.put(handle, &code);
    Ok(code)
}

struct VectorConstants<'ob> {
    vector: Vector<'ob>,
    captured: usize,
}

impl Constants for VectorConstants<'_> {
    fn len(&self) -> usize {
        self.vector.len()
    }

    fn table(&self, index: usize) -> Option<Vec<Option<usize>>> {
        let table = self.vector.get(index).filter(|_| index >= self.captured)?.as_hash_table()?;
        let place = |v: Object<'_>| v.as_fixnum().and_then(|n| usize::try_from(n).ok());
        Some((0..table.capacity()).filter_map(|i| table.entry(i)).map(|(_, v)| place(v)).collect())
    }
}

/// Verify and translate.
pub(super) fn decode_parts(
    code: &[u8],
    constants: Vector<'_>,
    depth: i64,
    arguments: Arguments,
    captured: usize,
    cx: &Context,
) -> Result<Code, Throw> {
    let source = VectorConstants { vector: constants, captured };
    let result = verify(code, arguments.registers(), &source).and_then(|verified| {
        if verified.max_depth as i64 > depth {
            let what = format!("{} values on a stack of {depth}", verified.max_depth);
            return Err(super::verify::Fault { what, pc: 0 });
        }
        translate(code, constants, captured, arguments, &verified, |k| source.table(k))
    });
    result.map_err(|fault| error::error(&format!("Invalid byte code at {}: {}", fault.pc, fault.what), cx))
}

/// Signal that a function was called with a wrong number of arguments.  As in Emacs, the arity that it shows does not
/// tell whether there may be more.
#[cold]
pub(super) fn wrong_number(required: usize, positional: usize, n: usize, cx: &Context) -> Throw {
    let [required, positional, n] = [required, positional, n].map(|n| Object::fixnum(n as i64));
    signal(sym::WRONG_NUMBER_OF_ARGUMENTS, &[cx.cons(required, positional).into(), n], cx)
}
