//! What calls of known primitives can be replaced by, and which are known to be pure.

use super::ir::{Node, NodeId};
use super::simplify::{Simplifier, Use, is_simple_constant};
use crate::form::{elements, symbol};
use tenure_gc::{Context, Interned, MaxArgs, NIL, Object, Subr, Throw};
use tenure_vm::sym;

/// Primitives that are called while compiling if their arguments are constants, sorted.
const FOLDED: &[&str] = &[
    "%",
    "*",
    "+",
    "-",
    "/",
    "/=",
    "1+",
    "1-",
    "<",
    "<=",
    "=",
    ">",
    ">=",
    "abs",
    "ash",
    "atom",
    "bignump",
    "bool-vector-p",
    "char-to-string",
    "characterp",
    "concat",
    "consp",
    "copysign",
    "eq",
    "eql",
    "fixnump",
    "float",
    "floatp",
    "integer-or-marker-p",
    "integerp",
    "isnan",
    "keywordp",
    "ldexp",
    "listp",
    "logand",
    "logb",
    "logior",
    "lognot",
    "logxor",
    "lsh",
    "max",
    "min",
    "mod",
    "natnump",
    "nlistp",
    "not",
    "null",
    "number-or-marker-p",
    "number-to-string",
    "numberp",
    "recordp",
    "sequencep",
    "sqrt",
    "string-equal",
    "string-lessp",
    "string-to-char",
    "string<",
    "string=",
    "stringp",
    "symbol-name",
    "symbolp",
    "truncate",
    "type-of",
    "vectorp",
];

/// Primitives that never signal and only compute a value, with their number of arguments if that is fixed, sorted.
const NEVER_FAIL: &[(&str, Option<usize>)] = &[
    ("atom", Some(1)),
    ("car-safe", Some(1)),
    ("cdr-safe", Some(1)),
    ("cons", Some(2)),
    ("consp", Some(1)),
    ("current-buffer", Some(0)),
    ("eq", Some(2)),
    ("eql", Some(2)),
    ("floatp", Some(1)),
    ("identity", Some(1)),
    ("integerp", Some(1)),
    ("list", None),
    ("listp", Some(1)),
    ("make-closure", None),
    ("nlistp", Some(1)),
    ("not", Some(1)),
    ("null", Some(1)),
    ("numberp", Some(1)),
    ("point", Some(0)),
    ("recordp", Some(1)),
    ("stringp", Some(1)),
    ("symbolp", Some(1)),
    ("type-of", Some(1)),
    ("vector", None),
    ("vectorp", Some(1)),
];

/// The name of a symbol of the initial obarray.
pub(super) fn name_of<'ob>(symbol: Object<'ob>, cx: &'ob Context) -> Option<&'ob str> {
    let symbol = symbol.as_symbol().filter(|s| s.interned(cx) == Interned::Initially)?;
    std::str::from_utf8(symbol.name(cx).bytes()).ok()
}

/// Whether a call of a primitive with so many arguments only computes a value, and always does.
pub(super) fn never_fails(name: Object<'_>, args: usize, cx: &Context) -> bool {
    let Some(name) = name_of(name, cx) else { return false };
    let row = NEVER_FAIL.binary_search_by(|(known, _)| (*known).cmp(name));
    row.is_ok_and(|i| NEVER_FAIL[i].1.is_none_or(|n| n == args))
}

/// Whether `eq` and `eql` or `equal` agree on an object, whatever it is compared with.
pub(super) fn is_identity_enough(value: Object<'_>) -> bool {
    value.as_fixnum().is_some() || value.as_symbol().is_some()
}

/// The node of a call whose arguments are simple.
pub(super) fn call<'ob>(
    s: &mut Simplifier<'_, 'ob>,
    name: Object<'ob>,
    args: Vec<NodeId>,
    used: Use,
) -> Result<Node<'ob>, Throw> {
    let cx = s.cx;
    let Some(text) = name_of(name, cx) else { return Ok(Node::Call(name, args)) };
    if FOLDED.binary_search(&text).is_ok()
        && let Some(value) = fold(s, name, &args)
    {
        return Ok(Node::Constant(value));
    }
    let constant = |s: &Simplifier<'_, 'ob>, i: usize| args.get(i).and_then(|&arg| s.ir.as_constant(arg));
    let known = |name: &str| symbol(name, cx);
    Ok(match (text, &args[..]) {
        ("null", _) => return call(s, sym::NOT, args, used),
        ("not", &[arg]) => match s.ir.node(arg) {
            Node::Call(inner, nested) if used == Use::Test && *inner == sym::NOT && nested.len() == 1 => {
                let nested = nested[0];
                s.ir.take(nested)
            }
            _ => Node::Call(name, args),
        },
        ("eq", &[a, b]) if s.ir.as_constant(b).is_some_and(|v| v.is_nil()) => call(s, sym::NOT, vec![a], used)?,
        ("eq", &[a, b]) if s.ir.as_constant(a).is_some_and(|v| v.is_nil()) => call(s, sym::NOT, vec![b], used)?,
        ("eql" | "equal", &[_, _]) if [0, 1].iter().any(|&i| constant(s, i).is_some_and(is_identity_enough)) => {
            call(s, sym::EQ, args, used)?
        }
        ("member" | "memql", &[_, _]) if searches_by_identity(s, &args) => Node::Call(known("memq"), args),
        ("assoc", &[key, _]) if s.ir.as_constant(key).is_some_and(is_identity_enough) => {
            Node::Call(known("assq"), args)
        }
        ("string-equal", _) => Node::Call(known("string="), args),
        ("string-lessp", _) => Node::Call(known("string<"), args),
        ("identity", &[arg]) => s.ir.take(arg),
        ("with-no-warnings", &[.., _]) => Node::Progn(args),
        ("ignore", _) => {
            let nil = s.ir.constant(NIL);
            Node::Progn(args.iter().copied().chain([nil]).collect())
        }
        ("zerop", &[arg]) => {
            let zero = s.ir.constant(Object::fixnum(0));
            Node::Call(sym::NUM_EQ, vec![arg, zero])
        }
        ("+", &[a, b]) if is_fixnum(s, b, 1) => step(a, "1+", cx),
        ("+", &[a, b]) if is_fixnum(s, a, 1) => step(b, "1+", cx),
        ("+", &[a, b]) if is_fixnum(s, b, -1) => step(a, "1-", cx),
        ("-", &[a, b]) if is_fixnum(s, b, 1) => step(a, "1-", cx),
        ("-", &[a, b]) if is_fixnum(s, b, -1) => step(a, "1+", cx),
        ("+" | "*" | "max" | "min" | "nconc", &[first, second, ref rest @ ..]) if !rest.is_empty() => {
            let mut node = call(s, name, vec![first, second], used)?;
            for &arg in rest {
                let inner = s.ir.add(node);
                node = call(s, name, vec![inner, arg], used)?;
            }
            node
        }
        ("/=", &[_, _]) => {
            let same = s.ir.add(Node::Call(sym::NUM_EQ, args));
            Node::Call(sym::NOT, vec![same])
        }
        ("nth", &[n, list]) if is_fixnum(s, n, 0) => step(list, "car", cx),
        ("nth", &[n, list]) if is_fixnum(s, n, 1) => path(s, "cadr", list),
        ("nthcdr", &[n, list]) if is_fixnum(s, n, 1) => step(list, "cdr", cx),
        ("nthcdr", &[n, list]) if is_fixnum(s, n, 2) => path(s, "cddr", list),
        ("mapcar", &[_, _]) if used == Use::Effect => Node::Call(known("mapc"), args),
        (_, &[list]) if is_path(text) => path(s, text, list),
        _ => Node::Call(name, args),
    })
}

fn is_fixnum(s: &Simplifier<'_, '_>, id: NodeId, n: i64) -> bool {
    s.ir.as_constant(id).and_then(Object::as_fixnum) == Some(n)
}

fn step<'ob>(arg: NodeId, function: &str, cx: &'ob Context) -> Node<'ob> {
    Node::Call(symbol(function, cx), vec![arg])
}

/// Whether a name is `cadr` or one of its kin.
fn is_path(name: &str) -> bool {
    let letters = name.strip_prefix('c').and_then(|rest| rest.strip_suffix('r')).unwrap_or_default();
    (2..=4).contains(&letters.len()) && letters.bytes().all(|b| matches!(b, b'a' | b'd'))
}

/// `cadr` and its kin as calls of `car` and `cdr`.
fn path<'ob>(s: &mut Simplifier<'_, 'ob>, name: &str, list: NodeId) -> Node<'ob> {
    let letters = &name.as_bytes()[1..name.len() - 1];
    let mut arg = list;
    for &letter in letters[1..].iter().rev() {
        let node = step(arg, if letter == b'a' { "car" } else { "cdr" }, s.cx);
        arg = s.ir.add(node);
    }
    step(arg, if letters[0] == b'a' { "car" } else { "cdr" }, s.cx)
}

/// Whether a search in a list that is a constant, or for a key that is one, needs identity alone.
fn searches_by_identity(s: &Simplifier<'_, '_>, args: &[NodeId]) -> bool {
    let by_key = s.ir.as_constant(args[0]).is_some_and(is_identity_enough);
    by_key || s.ir.as_constant(args[1]).is_some_and(|list| elements(list).all(|e| is_identity_enough(e)))
}

/// The value of a call of constants, if the primitive cannot collect and does not signal.
fn fold<'ob>(s: &Simplifier<'_, 'ob>, name: Object<'ob>, args: &[NodeId]) -> Option<Object<'ob>> {
    let cx = s.cx;
    let values: Vec<Object<'ob>> = args.iter().map(|&arg| s.ir.as_constant(arg)).collect::<Option<_>>()?;
    let mut function = name.as_symbol()?.function(cx);
    if let Some(next) = function.as_symbol() {
        function = next.function(cx);
    }
    let info = function.as_subr()?.info(cx);
    let n = values.len();
    let most = match info.max {
        MaxArgs::Fixed(most) => usize::from(most),
        MaxArgs::Many => n,
        MaxArgs::Unevalled => return None,
    };
    if n < usize::from(info.min) || n > most || !cx.stack_has_room(most) {
        return None;
    }
    let arg = |i: usize| values.get(i).copied().unwrap_or(NIL);
    let result = match info.function {
        Subr::Pure0(f) => f(cx),
        Subr::Pure1(f) => f(arg(0), cx),
        Subr::Pure2(f) => f(arg(0), arg(1), cx),
        Subr::Pure3(f) => f(arg(0), arg(1), arg(2), cx),
        Subr::Pure4(f) => f(arg(0), arg(1), arg(2), arg(3), cx),
        Subr::PureMany(f) => {
            let base = cx.stack_len();
            (0..most).for_each(|i| cx.push(arg(i)));
            let result = f(cx.window(base, most).slots(cx), cx);
            cx.truncate_stack(base);
            result
        }
        Subr::Call(_) | Subr::Special(_) => return None,
    };
    match result {
        Ok(value) => Some(value).filter(|&v| is_simple_constant(v)),
        Err(throw) => {
            cx.caught(throw);
            cx.settle_signal();
            None
        }
    }
}
