//! The conditions that native code signals: their parents and messages, as `error-message-string` shows them.

use crate::sym;
use tenure_gc::{Context, Object};

/// A condition: its name, the conditions that it also is, its message.
type Condition = (&'static str, &'static [&'static str], &'static str);

const ERROR: &[&str] = &["error"];
const ARITHMETIC: &[&str] = &["arith-error", "error"];
const JSON: &[&str] = &["json-error", "error"];
const JSON_PARSE: &[&str] = &["json-parse-error", "json-error", "error"];
const FILE: &[&str] = &["file-error", "error"];

#[rustfmt::skip]
const CONDITIONS: &[Condition] = &[
    ("error", &[], "error"),
    ("quit", &[], "Quit"),
    ("minibuffer-quit", &["quit"], "Quit"),
    ("user-error", ERROR, ""),
    ("args-out-of-range", ERROR, "Args out of range"),
    ("arith-error", ERROR, "Arithmetic error"),
    ("beginning-of-buffer", ERROR, "Beginning of buffer"),
    ("buffer-read-only", ERROR, "Buffer is read-only"),
    ("circular-list", ERROR, "List contains a loop"),
    ("coding-system-error", ERROR, "Invalid coding system"),
    ("cyclic-function-indirection", ERROR, "Symbol's chain of function indirections contains a loop"),
    ("cyclic-variable-indirection", ERROR, "Symbol's chain of variable indirections contains a loop"),
    ("domain-error", ARITHMETIC, "Arithmetic domain error"),
    ("end-of-buffer", ERROR, "End of buffer"),
    ("end-of-file", ERROR, "End of file during parsing"),
    ("file-already-exists", FILE, "File already exists"),
    ("file-date-error", FILE, "Cannot set file date"),
    ("file-error", ERROR, "File error"),
    ("file-missing", FILE, "File is missing"),
    ("inhibited-interaction", ERROR, "User interaction while inhibited"),
    ("invalid-arity", ERROR, "Invalid function arity"),
    ("invalid-function", ERROR, "Invalid function"),
    ("invalid-read-syntax", ERROR, "Invalid read syntax"),
    ("invalid-regexp", ERROR, "Invalid regexp"),
    ("json-end-of-file", JSON_PARSE, "end of JSON stream"),
    ("json-error", ERROR, "generic JSON error"),
    ("json-object-too-deep", JSON, "object cyclic or Lisp evaluation too deep"),
    ("json-out-of-memory", JSON, "not enough memory for creating JSON object"),
    ("json-parse-error", JSON, "could not parse JSON stream"),
    ("json-trailing-content", JSON_PARSE, "trailing content after JSON stream"),
    ("mark-inactive", ERROR, "The mark is not active now"),
    // Emacs's full heap has no condition of its own; here programs may handle it by name.
    ("memory-full", ERROR, "Memory exhausted"),
    ("no-catch", ERROR, "No catch for tag"),
    ("overflow-error", &["range-error", "arith-error", "error"], "Arithmetic overflow error"),
    ("range-error", ARITHMETIC, "Arithmetic range error"),
    ("scan-error", ERROR, "Scan error"),
    ("search-failed", ERROR, "Search failed"),
    ("setting-constant", ERROR, "Attempt to set a constant symbol"),
    ("singularity-error", &["domain-error", "arith-error", "error"], "Arithmetic singularity error"),
    ("text-read-only", &["buffer-read-only", "error"], "Text is read-only"),
    ("trapping-constant", ERROR, "Attempt to trap writes to a constant symbol"),
    ("underflow-error", &["range-error", "arith-error", "error"], "Arithmetic underflow error"),
    ("user-search-failed", &["user-error", "search-failed", "error"], "Search failed"),
    ("void-function", ERROR, "Symbol's function definition is void"),
    ("void-variable", ERROR, "Symbol's value as variable is void"),
    ("wrong-length-argument", ERROR, "Wrong length argument"),
    ("wrong-number-of-arguments", ERROR, "Wrong number of arguments"),
    ("wrong-type-argument", ERROR, "Wrong type argument"),
];

/// Define a condition: `parents` are the others that it also is, up to the most general.
pub fn define_condition(cx: &Context, name: &str, parents: &[&str], message: &str) {
    let symbol = cx.intern(name);
    let conditions: Vec<Object<'_>> = [name].iter().chain(parents).map(|c| cx.intern(c).into()).collect();
    let conditions = cx.list(&conditions);
    let message = cx.string_from_str(message).into();
    let plist = cx.list_with_tail(&[sym::ERROR_CONDITIONS, conditions, sym::ERROR_MESSAGE, message], symbol.plist(cx));
    symbol.set_plist(plist, cx);
}

/// Define the conditions of this file.
pub(crate) fn define_all(cx: &Context) {
    CONDITIONS.iter().for_each(|(name, parents, message)| define_condition(cx, name, parents, message));
}
