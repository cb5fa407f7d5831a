//! What an interpreted function is prepared as: a tree of nodes, and the Lisp values that it refers to.
//!
//! The nodes are plain data.  The values are the words of one heap object, so that a collection finds and updates them:
//! first the links, three words each (a cons of the source, its car and its cdr when the function was prepared), then the
//! guards, two words each (a symbol and its function), then constants.

use std::cell::Cell;
use std::rc::Rc;
use tenure_gc::Subr;

/// A form that can be evaluated.  Numbers of constants are indices of the words.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    /// Its own value.
    Constant(u32),
    Fixnum(i32),
    Nil,
    /// A variable that the function binds, in a slot of the frame.
    Local(u32),
    /// Any other variable: a symbol.
    Free(u32),
    /// A form.
    Form(u32),
    /// A form whose evaluation neither collects nor calls Lisp.
    Quiet(u32),
    /// Something for the evaluator of lists.
    General(u32),
}

/// A form within another, and the cons whose car it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child {
    pub(super) node: Node,
    pub(super) link: u32,
}

/// Some elements of an array.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Span {
    #[inline(always)]
    pub(super) fn of<T>(self, items: &[T]) -> &[T] {
        let start = self.start as usize;
        &items[start..start + self.len as usize]
    }
}

/// Primitives of a fixed number of arguments that are done in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Op {
    /// By a call of the primitive.
    Call,
    Add,
    Sub,
    Mul,
    Less,
    LessEq,
    Greater,
    GreaterEq,
    NumEq,
    Add1,
    Sub1,
    Car,
    Cdr,
    Eq,
    Not,
    Consp,
    Cons,
    Aref,
    Aset,
    Atom,
    Listp,
    Symbolp,
    Stringp,
    Vectorp,
    Integerp,
    CarSafe,
    CdrSafe,
}

impl Op {
    /// Whether it has one operand.
    #[inline(always)]
    pub(super) fn is_unary(self) -> bool {
        use Op::{
            Add1, Atom, Car, CarSafe, Cdr, CdrSafe, Consp, Integerp, Listp, Not, Stringp, Sub1, Symbolp, Vectorp,
        };
        matches!(
            self,
            Add1 | Sub1
                | Car
                | Cdr
                | Not
                | Consp
                | Atom
                | Listp
                | Symbolp
                | Stringp
                | Vectorp
                | Integerp
                | CarSafe
                | CdrSafe
        )
    }
}

/// Name, number of arguments, operation.
pub(super) const OPS: &[(&str, usize, Op)] = &[
    ("+", 2, Op::Add),
    ("-", 2, Op::Sub),
    ("*", 2, Op::Mul),
    ("<", 2, Op::Less),
    ("<=", 2, Op::LessEq),
    (">", 2, Op::Greater),
    (">=", 2, Op::GreaterEq),
    ("=", 2, Op::NumEq),
    ("1+", 1, Op::Add1),
    ("1-", 1, Op::Sub1),
    ("car", 1, Op::Car),
    ("cdr", 1, Op::Cdr),
    ("eq", 2, Op::Eq),
    ("not", 1, Op::Not),
    ("null", 1, Op::Not),
    ("consp", 1, Op::Consp),
    ("cons", 2, Op::Cons),
    ("aref", 2, Op::Aref),
    ("aset", 3, Op::Aset),
    ("atom", 1, Op::Atom),
    ("listp", 1, Op::Listp),
    ("symbolp", 1, Op::Symbolp),
    ("stringp", 1, Op::Stringp),
    ("vectorp", 1, Op::Vectorp),
    ("integerp", 1, Op::Integerp),
    ("car-safe", 1, Op::CarSafe),
    ("cdr-safe", 1, Op::CdrSafe),
];

/// Primitives that change no cons that there is, no function and no sort of a variable: what was checked before one still
/// holds after it.
/// The operations above are such, too.
pub(super) const HARMLESS: &[&str] = &[
    "%",
    "/",
    "/=",
    "1value",
    "abs",
    "append",
    "aref",
    "arrayp",
    "ash",
    "assoc",
    "assq",
    "atom",
    "bool-vector",
    "boundp",
    "bufferp",
    "car-safe",
    "cdr-safe",
    "ceiling",
    "char-after",
    "char-before",
    "char-equal",
    "char-to-string",
    "characterp",
    "clrhash",
    "concat",
    "copy-sequence",
    "current-buffer",
    "default-value",
    "elt",
    "eql",
    "equal",
    "expt",
    "fboundp",
    "float",
    "floatp",
    "floor",
    "functionp",
    "get",
    "get-char-property",
    "gethash",
    "hash-table-count",
    "hash-table-p",
    "identity",
    "integerp",
    "intern",
    "intern-soft",
    "keywordp",
    "length",
    "list",
    "listp",
    "logand",
    "logb",
    "logior",
    "lognot",
    "logxor",
    "lsh",
    "make-list",
    "make-string",
    "make-vector",
    "match-beginning",
    "match-end",
    "max",
    "member",
    "memq",
    "memql",
    "min",
    "mod",
    "natnump",
    "nth",
    "nthcdr",
    "number-or-marker-p",
    "number-to-string",
    "numberp",
    "plist-get",
    "point",
    "point-max",
    "point-min",
    "puthash",
    "random",
    "rassq",
    "record",
    "recordp",
    "remhash",
    "reverse",
    "round",
    "safe-length",
    "sequencep",
    "string",
    "string-equal",
    "string-lessp",
    "string-search",
    "string-to-char",
    "string-to-number",
    "stringp",
    "substring",
    "symbol-function",
    "symbol-name",
    "symbol-value",
    "symbolp",
    "truncate",
    "type-of",
    "vconcat",
    "vector",
    "vectorp",
    "zerop",
];

/// What a form is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A call of a named function; the children are its arguments, `site` is the index of its cache.
    /// If the function was quiet when the call was prepared, `leaf` is its number among the leaves.
    Call {
        site: u32,
        leaf: Option<u32>,
    },
    /// A call of the primitive that the guard has, on a number of arguments that it takes.
    Primitive {
        op: Op,
        function: Subr,
        wanted: u32,
    },
    /// A call of `funcall`.
    Funcall,
    /// A constant, number `.0` of the words.
    Quote(u32),
    /// A closure, whose arguments and body are number `.0` of the words.
    Lambda(u32),
    /// The condition, what follows if it holds, and the other forms.
    If,
    And,
    Or,
    Progn,
    Prog1,
    /// Whether the condition and the other forms are quiet.
    While {
        is_quiet: bool,
    },
    /// The children are clauses.
    Cond,
    /// The condition and the forms of a clause of `cond`; no form by itself.
    Clause,
    /// The children are the values; the variables are a span of the body's targets.
    Setq {
        targets: u32,
    },
    /// The first of the children are the values of so many bindings, number `bindings` of the body's and up.
    /// Words `list` and `forms` are the list of the bindings and the forms behind it.
    Let {
        bindings: Span,
        list: u32,
        forms: u32,
    },
    /// The same, one after the other.
    LetStar {
        bindings: Span,
        list: u32,
        forms: u32,
    },
    /// The tag, and the forms.
    Catch,
    /// The first form; the others are word `.0`, a list.
    UnwindProtect(u32),
    /// The body; the handlers are a span of the body's.
    ConditionCase {
        variable: u32,
        slot: u32,
        clauses: u32,
        handlers: Span,
    },
}

/// A form.
pub(super) struct Form {
    pub(super) kind: Kind,
    /// Its own links, the first of which is the cons that is the form.
    pub(super) links: Span,
    /// Its guards, if its head is a special form or a primitive, or the name of one; the last is that of the function.
    pub(super) guards: Span,
    pub(super) children: Span,
    /// The first three of the children, for primitives.
    pub(super) operands: [Node; 3],
    /// The form that it is in.
    pub(super) parent: u32,
    /// How many levels of evaluation it takes.
    pub(super) height: u32,
    /// What is evaluated first in it is quiet, and nothing that was checked before is changed by it: the arguments of a
    /// call, the values of a `let`, the conditions of a `cond`.
    pub(super) begins_quietly: bool,
    /// Its evaluation neither collects nor calls Lisp.
    pub(super) is_quiet: bool,
    /// The same, and what was checked before it still holds after it.
    pub(super) is_harmless: bool,
}

/// A variable that `let` binds: the word that is its name, and its slot if it is lexical.
#[derive(Clone, Copy)]
pub(super) struct Binding {
    pub(super) name: u32,
    pub(super) slot: Option<u32>,
    /// The links that say what is bound to what; the first is that of the list of bindings.
    pub(super) links: Span,
}

/// A prepared function that is quiet, called by another in its own evaluation: the words that are its words and its
/// environment.
pub(super) struct Leaf {
    pub(super) body: Rc<Body>,
    pub(super) words: u32,
    pub(super) environment: u32,
}

/// The cache of a call: a prepared function that its name stands for, as long as the epoch does not change.
#[derive(Default)]
pub(super) struct Site {
    pub(super) epoch: Cell<u64>,
    pub(super) body: Cell<Option<Rc<Body>>>,
}

impl Site {
    /// The function, if it is known.
    #[inline(always)]
    pub(super) fn body(&self, epoch: u64) -> Option<Rc<Body>> {
        if self.epoch.get() != epoch {
            return None;
        }
        let body = self.body.take();
        let result = body.clone();
        self.body.set(body);
        result
    }
}

/// A variable that `setq` sets.
#[derive(Clone, Copy)]
pub(super) enum Target {
    Local(u32),
    Free(u32),
}

/// A handler of `condition-case`: the word that is the list of its forms, and these.
#[derive(Clone, Copy)]
pub(super) struct Handler {
    pub(super) forms: u32,
    pub(super) children: Span,
}

/// A prepared function.
pub(super) struct Body {
    pub(super) forms: Box<[Form]>,
    pub(super) children: Box<[Child]>,
    pub(super) bindings: Box<[Binding]>,
    pub(super) targets: Box<[Target]>,
    pub(super) handlers: Box<[Handler]>,
    pub(super) sites: Box<[Site]>,
    pub(super) leaves: Box<[Leaf]>,
    /// The words that are the names of the variables, by slots.
    pub(super) names: Box<[u32]>,
    /// The words that are variables which quiet forms set: they are plain.
    pub(super) plain: Box<[u32]>,
    /// The handle of the words.
    pub(super) handle: u64,
    /// Where the guards begin among the words.
    pub(super) first_guard: usize,
    /// Where the constants begin.
    pub(super) first_constant: usize,
    /// How many links and guards there are.
    pub(super) links: u32,
    pub(super) guards: u32,
    /// How many parameters there are; they have the first slots.
    pub(super) parameters: usize,
    pub(super) required: usize,
    /// How many parameters are no list of the other arguments.
    pub(super) positional: usize,
    pub(super) has_rest: bool,
    /// The forms of the body.
    pub(super) progn: Span,
    /// Slots for variables.
    pub(super) slots: usize,
    /// Some variable is bound by `let`.
    pub(super) has_let: bool,
    /// Some variable is declared in the environment, or will be.
    pub(super) declares: bool,
    /// The environment is made when the function is called: it is needed in most calls.
    pub(super) needs_environment: bool,
    /// What its forms together are; a leaf is quiet.
    pub(super) is_leaf: bool,
    pub(super) is_harmless: bool,
    pub(super) height: u32,
    /// The context's epoch when the source was last found to be what was prepared.
    pub(super) epoch: Cell<u64>,
    /// It was found to store in strings: then `aset` is not quiet the next time.
    pub(super) stores_in_strings: Cell<bool>,
    /// The function is not what was prepared any more.
    pub(super) is_stale: Cell<bool>,
    /// How often the function was prepared, this time included.
    pub(super) preparations: u32,
}
