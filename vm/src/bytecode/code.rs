//! Decoded functions: what the machine runs, and where it is kept.
//!
//! A byte-code function carries a handle, which is the index of its decoded form in [`Codes`]; the heap tells when the
//! function dies, and the form goes with it.  A closure has its prototype's form, in which the first constants are
//! replaced by the values that were captured; prototypes whose closures capture different numbers of values have a form
//! for each number.

use super::form::{Index, Insn, Place};
use super::machine::Callers;
use super::opcode::OPCODES;
use super::stepped::{self, STEPPED};
use super::translate::translate;
use super::verify::{Case, Constants, verify};
use crate::error::{self, signal};
use crate::fns::hash;
use crate::state::Vm;
use crate::sym;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use tenure_gc::{ByteCode, Callee, Context, LispResult, MaxArgs, Object, Slots, Subr, SubrInfo, Throw, Vector, Words};

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

/// What a call does.
#[derive(Clone)]
pub(super) enum Target {
    /// Something out of the ordinary, which the evaluator knows how to call.
    Other,
    /// The function is byte code.
    Code(Rc<Code>),
    /// It is a primitive that fits the number of arguments.
    Native(Native),
}

/// A primitive, and the number of arguments that it wants to see.
#[derive(Clone, Copy)]
pub(super) struct Native {
    pub(super) function: Subr,
    pub(super) wanted: usize,
    pub(super) shortcut: Option<Shortcut>,
}

/// What a primitive that may call Lisp does when it need not; nothing if it must.
pub(super) type Shortcut = for<'ob> fn(Slots<'ob>, &'ob Context) -> Option<LispResult<'ob>>;

/// The primitives that have one.
const SHORTCUTS: &[(&str, Shortcut)] =
    &[("gethash", hash::try_gethash), ("puthash", hash::try_puthash), ("remhash", hash::try_remhash)];

impl Native {
    /// With the primitive's shortcut, if it has one.
    pub(super) fn with_shortcut(self, function: Object<'_>, cx: &Context) -> Native {
        let name = function.as_subr().map_or("", |subr| subr.info(cx).name);
        let shortcut = SHORTCUTS.iter().find(|row| row.0 == name).map(|row| row.1);
        Native { shortcut, ..self }
    }
}

/// The inline cache of a call: what the function's name meant when the context's count of changes of function cells was
/// `epoch`.
pub(super) struct Cache {
    /// The constant that is the function's name.
    pub(super) k: Index,
    epoch: Cell<u32>,
    code: Cell<Option<Rc<Code>>>,
    native: Cell<Option<Native>>,
}

impl Cache {
    pub(super) fn new(k: Index) -> Cache {
        Cache { k, epoch: Cell::new(0), code: Cell::new(None), native: Cell::new(None) }
    }

    #[inline(always)]
    pub(super) fn is_valid(&self, cx: &Context) -> bool {
        self.epoch.get() == cx.function_epoch()
    }

    /// The byte-code function that a valid cache has.
    #[inline(always)]
    pub(super) fn code(&self) -> Option<Rc<Code>> {
        let code = self.code.take();
        let result = code.clone();
        self.code.set(code);
        result
    }

    /// The primitive that a valid cache has.
    #[inline(always)]
    pub(super) fn native(&self) -> Option<Native> {
        self.native.get()
    }

    pub(super) fn fill(&self, target: &Target, cx: &Context) {
        self.epoch.set(cx.function_epoch());
        self.code.set(match target {
            Target::Code(code) => Some(Rc::clone(code)),
            _ => None,
        });
        self.native.set(match target {
            Target::Native(native) => Some(*native),
            _ => None,
        });
    }

    /// Forget the target.
    pub(super) fn clear(&self) {
        self.code.set(None);
        self.native.set(None);
    }
}

/// Where a jump table may lead.
pub(super) struct JumpTable {
    /// The constant that is the table.
    pub(super) k: Index,
    /// Places in the code string, and the instructions that begin there, in order.
    pub(super) places: Vec<(u32, Place)>,
    /// If the keys are small integers close to each other: the least, and the instruction for each from it on.
    pub(super) dense: Option<(i64, Vec<Option<Place>>)>,
    /// If there are few keys: the number of each one's entry, and its place of both sorts.
    pub(super) few: Vec<(usize, u32, Place)>,
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
    /// The register that holds the constants; what a closure captured is in the next ones.
    pub(super) constants_slot: usize,
    pub(super) frame_words: usize,
    /// The number of arguments that needs no arranging; none if they are bound dynamically.
    pub(super) exact: usize,
}

impl Code {
    /// Registers between the arguments and the other values.
    pub(super) fn own_registers(captured: usize) -> usize {
        1 + captured
    }
}

/// The forms of one function, by the number of captured values.
struct Forms {
    /// What the first of them captures: beside it, so that a call need not look into the code to know that it is the one.
    captured: usize,
    first: Rc<Code>,
    others: Vec<Rc<Code>>,
}

impl Forms {
    #[cold]
    #[inline(never)]
    fn other(&self, captured: usize) -> Option<Rc<Code>> {
        self.others.iter().find(|code| code.captured == captured).cloned()
    }
}

/// The decoded functions of a context, and what else the machine keeps between runs.
pub(crate) struct Codes {
    forms: RefCell<Vec<Option<Forms>>>,
    /// The primitives that opcodes are, by row of the table, as far as they were wanted.
    natives: [Cell<Option<SubrShape>>; OPCODES.len()],
    /// The codes of primitives that are cut into steps, as far as they were wanted.
    stepped: [OnceCell<Rc<Code>>; STEPPED.len()],
    /// Empty lists of callers, whose memory the next runs use: runs nest where native code calls Lisp.
    callers: RefCell<Vec<Callers>>,
}

/// The most lists of callers that are kept for later runs.
const SPARE_CALLERS: usize = 64;

/// What a call needs to know of a primitive.
#[derive(Clone, Copy)]
struct SubrShape {
    function: Subr,
    min: u8,
    max: MaxArgs,
}

impl Default for Codes {
    fn default() -> Codes {
        let natives = [const { Cell::new(None) }; OPCODES.len()];
        let stepped = [const { OnceCell::new() }; STEPPED.len()];
        Codes { forms: RefCell::default(), natives, stepped, callers: RefCell::default() }
    }
}

impl Codes {
    /// The primitive that the opcode of a row of the table is, for `n` arguments.
    #[inline]
    pub(super) fn native(&self, row: usize, n: usize, cx: &Context) -> Option<Native> {
        let shape = self.natives[row].get().or_else(|| {
            let SubrInfo { function, min, max, .. } = cx.subr_named(OPCODES[row].primitive)?;
            let found = Some(SubrShape { function, min, max });
            self.natives[row].set(found);
            found
        })?;
        let wanted = match shape.max {
            MaxArgs::Fixed(max) if n <= usize::from(max) => usize::from(max),
            MaxArgs::Many => n,
            _ => return None,
        };
        (n >= usize::from(shape.min)).then_some(Native { function: shape.function, wanted, shortcut: None })
    }

    /// A list for the callers of a run.
    #[inline(always)]
    pub(super) fn take_callers(&self) -> Callers {
        self.callers.borrow_mut().pop().unwrap_or_default()
    }

    /// The run has ended.  One that an exit ended has left callers in its list, which are not those of the next run.
    #[inline(always)]
    pub(super) fn give_back(&self, mut callers: Callers) {
        callers.clear();
        let mut spare = self.callers.borrow_mut();
        if spare.len() < SPARE_CALLERS {
            spare.push(callers);
        }
    }

    /// The code of a primitive that is cut into steps, for calls on `n` arguments.
    pub(super) fn stepped(&self, function: Object<'_>, n: usize, cx: &Context) -> Option<Rc<Code>> {
        let row = stepped::row(function.as_subr()?.info(cx).name, n)?;
        Some(Rc::clone(self.stepped[row].get_or_init(|| stepped::code(row))))
    }

    /// The decoded form with a handle.
    #[inline(always)]
    pub(super) fn get(&self, handle: u64, captured: usize) -> Option<Rc<Code>> {
        let forms = self.forms.borrow();
        let forms = forms.get((handle as usize).wrapping_sub(1))?.as_ref()?;
        if forms.captured == captured {
            return Some(Rc::clone(&forms.first));
        }
        forms.other(captured)
    }

    fn put(&self, handle: u64, code: &Rc<Code>) {
        let mut forms = self.forms.borrow_mut();
        let i = (handle - 1) as usize;
        if forms.len() <= i {
            forms.resize_with(i + 1, || None);
        }
        match &mut forms[i] {
            Some(forms) => forms.others.push(Rc::clone(code)),
            none => *none = Some(Forms { captured: code.captured, first: Rc::clone(code), others: Vec::new() }),
        }
    }

    /// Forget the forms of functions that died.  Their caches are emptied, since functions that call each other have each
    /// other's code there.
    pub(crate) fn sweep(&self, handles: &[u64]) {
        let mut forms = self.forms.borrow_mut();
        for &handle in handles {
            let dead = forms.get_mut(handle as usize - 1).and_then(Option::take);
            let codes = dead.iter().flat_map(|forms| forms.others.iter().chain([&forms.first]));
            codes.flat_map(|code| &code.caches).for_each(Cache::clear);
        }
    }
}

/// The constants of a function that is byte code, and what it captured.  A primitive that is cut into steps has itself in
/// the place of the constants.
#[inline(always)]
pub(super) fn constants_of(function: Object<'_>) -> (Object<'_>, Words<'_>) {
    function
        .as_callee()
        .and_then(|callee| Some((callee.code.get(CONSTANTS)?, callee.captured)))
        .unwrap_or((function, Words::EMPTY))
}

/// The decoded form of a byte-code function.
#[inline(always)]
pub(super) fn code_of(function: Object<'_>, cx: &Context) -> Result<Rc<Code>, Throw> {
    let Some(Callee { code: prototype, captured }) = function.as_callee() else {
        return Err(signal(sym::INVALID_FUNCTION, &[function], cx));
    };
    let handle = prototype.code_handle();
    match Vm::of(cx).codes.get(handle, captured.len()) {
        Some(code) => Ok(code),
        None => decode_function(function, prototype, captured.len(), cx),
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
    Vm::of(cx).sweep_codes(cx);
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
    cx: &'ob Context,
}

impl Constants for VectorConstants<'_> {
    fn len(&self) -> usize {
        self.vector.len()
    }

    fn table(&self, index: usize) -> Option<Vec<Case>> {
        let table = self.vector.get(index).filter(|_| index >= self.captured)?.as_hash_table()?;
        let place = |v: Object<'_>| v.as_fixnum().and_then(|n| usize::try_from(n).ok());
        let entries = (0..table.used()).filter_map(|i| Some((i, table.entry(i, self.cx)?)));
        let cases = entries.map(|(entry, (key, value))| Case { entry, key: key.as_fixnum(), place: place(value) });
        Some(cases.collect())
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
    let source = VectorConstants { vector: constants, captured, cx };
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
