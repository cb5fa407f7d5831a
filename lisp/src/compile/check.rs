//! What the compiler warns of, found while forms are converted.

use super::convert::{Converter, is_constant_symbol};
use super::ir::{NodeId, VarId};
use super::rewrite::name_of;
use super::warn::{self, Kind, Signature, name, quoted};
use super::{places, toplevel};
use crate::form::{car_safe, cdr_safe, elements, symbol};
use tenure_gc::{Context, HashTable, Interned, MaxArgs, NIL, Object, Symbol, Throw};
use tenure_vm::bytecode::opcode::{Effect, Flow, OPCODES};
use tenure_vm::eval::functions;
use tenure_vm::sym;
use tenure_vm::tails::tails;

/// What is watched for while the forms of a file are converted.
pub(super) struct Watch<'ob> {
    places: HashTable<'ob>,
    /// The innermost form whose place is known.
    form: Object<'ob>,
    /// The lists of `with-suppressed-warnings` in force.
    suppressed: Vec<Object<'ob>>,
    /// How many `with-no-warnings` are in force.
    silent: usize,
    /// Whether the value of the form at hand is not used.
    unused: bool,
    /// The same of the form that comes next.
    next_unused: bool,
    /// Variables that are bound dynamically.
    bound: Vec<Object<'ob>>,
}

/// What [`Converter::enter`] changed.
pub(super) struct Entered<'ob> {
    form: Object<'ob>,
    unused: bool,
}

/// What `with-suppressed-warnings` becomes: `(SUPPRESSING 'WARNINGS BODY...)`.
pub(super) const SUPPRESSING: &str = "byte-compile--suppressing";

/// Functions whose first argument says how many others there are.
const FORMATS: &[&str] = &["format", "message", "error", "format-message", "user-error"];

/// Functions that call what they are given, and the argument that it is.
const CALLERS: &[(&str, usize)] =
    &[("funcall", 0), ("apply", 0), ("mapcar", 0), ("mapatoms", 0), ("mapconcat", 0), ("mapc", 0), ("sort", 1)];

/// Functions without side effects that may signal an error: a value that is not used is a mistake.
const PURE_BUT_FOR_ERRORS: &[&str] = &[
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
    "append",
    "aref",
    "ash",
    "assq",
    "boundp",
    "butlast",
    "capitalize",
    "car",
    "cdr",
    "ceiling",
    "char-equal",
    "char-to-string",
    "compare-strings",
    "concat",
    "copy-alist",
    "copy-sequence",
    "cos",
    "default-boundp",
    "default-value",
    "documentation",
    "downcase",
    "elt",
    "error-message-string",
    "exp",
    "expt",
    "fboundp",
    "featurep",
    "ffloor",
    "float",
    "float-time",
    "floor",
    "format",
    "format-time-string",
    "get",
    "getenv",
    "gethash",
    "hash-table-count",
    "intern-soft",
    "isnan",
    "last",
    "length",
    "length<",
    "length=",
    "length>",
    "log",
    "logand",
    "logior",
    "lognot",
    "logxor",
    "lsh",
    "make-list",
    "make-string",
    "make-symbol",
    "match-beginning",
    "match-end",
    "match-string",
    "max",
    "member",
    "member-ignore-case",
    "memq",
    "memql",
    "min",
    "mod",
    "nth",
    "nthcdr",
    "number-to-string",
    "plist-get",
    "plist-member",
    "prin1-to-string",
    "rassoc",
    "rassq",
    "regexp-quote",
    "remove",
    "remq",
    "reverse",
    "round",
    "sin",
    "sqrt",
    "string",
    "string-equal",
    "string-greaterp",
    "string-lessp",
    "string-prefix-p",
    "string-search",
    "string-suffix-p",
    "string-to-char",
    "string-to-number",
    "string<",
    "string=",
    "string>",
    "substring",
    "sxhash-eq",
    "sxhash-eql",
    "sxhash-equal",
    "symbol-function",
    "symbol-name",
    "symbol-plist",
    "symbol-value",
    "tan",
    "truncate",
    "upcase",
    "vconcat",
    "zerop",
];

/// Whether a symbol is one that a program wrote, and may leave unused.
fn may_be_unused(name: Object<'_>, cx: &Context) -> bool {
    let Some(symbol) = name.as_symbol().filter(|_| !is_constant_symbol(name, cx)) else { return true };
    symbol.interned(cx) == Interned::No || symbol.name(cx).bytes().first() == Some(&b'_')
}

/// The property of a symbol.
pub(super) fn property<'ob>(symbol: Symbol<'ob>, property: &str, cx: &'ob Context) -> Object<'ob> {
    let property = crate::form::symbol(property, cx);
    let cell = tails(symbol.plist(cx)).step_by(2).find(|cell| cell.car() == property);
    cell.map_or(NIL, |cell| car_safe(cell.cdr()))
}

impl<'ob> Converter<'ob> {
    /// Watch for what is worth a warning, if a file is being compiled.
    pub(super) fn watch(&mut self, form: Object<'ob>) {
        self.watch = places::table(self.cx).map(|places| Watch {
            places,
            form,
            suppressed: Vec::new(),
            silent: 0,
            unused: false,
            next_unused: false,
            bound: Vec::new(),
        });
    }

    /// A form begins.
    pub(super) fn enter(&mut self, form: Object<'ob>) -> Option<Entered<'ob>> {
        let cx = self.cx;
        let watch = self.watch.as_mut()?;
        let unused = std::mem::replace(&mut watch.next_unused, false);
        let before = Entered { form: watch.form, unused: std::mem::replace(&mut watch.unused, unused) };
        if places::of_cell(watch.places, form, cx).is_some() {
            watch.form = form;
        }
        Some(before)
    }

    /// A form ends.
    pub(super) fn leave(&mut self, before: Option<Entered<'ob>>) {
        if let (Some(watch), Some(before)) = (&mut self.watch, before) {
            watch.form = before.form;
            watch.unused = before.unused;
        }
    }

    /// Whether the value of the form at hand is not used.
    pub(super) fn is_unused(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.unused)
    }

    /// The value of the next form is not used, or is.
    pub(super) fn next_unused(&mut self, unused: bool) {
        if let Some(watch) = &mut self.watch {
            watch.next_unused = unused;
        }
    }

    /// Say of the form at hand, from inside, whether its value is used.
    pub(super) fn set_unused(&mut self, unused: bool) {
        if let Some(watch) = &mut self.watch {
            watch.unused = unused;
        }
    }

    /// Do something where no warning is wanted.
    pub(super) fn silently<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        if let Some(watch) = &mut self.watch {
            watch.silent += 1;
        }
        let result = f(self);
        if let Some(watch) = &mut self.watch {
            watch.silent -= 1;
        }
        result
    }

    /// Do something where certain warnings are not wanted.
    pub(super) fn suppressing<R>(&mut self, list: Object<'ob>, f: impl FnOnce(&mut Self) -> R) -> R {
        if let Some(watch) = &mut self.watch {
            watch.suppressed.push(list);
        }
        let result = f(self);
        if let Some(watch) = &mut self.watch {
            watch.suppressed.pop();
        }
        result
    }

    /// `with-no-warnings`, and what `with-suppressed-warnings` becomes.
    pub(super) fn quietly(&mut self, head: Object<'ob>, args: &[Object<'ob>]) -> Result<Option<NodeId>, Throw> {
        Ok(match name_of(head, self.cx) {
            Some("with-no-warnings") => Some(self.silently(|c| c.body(args))?),
            Some(SUPPRESSING) if !args.is_empty() => {
                let list = car_safe(cdr_safe(args[0]));
                Some(self.suppressing(list, |c| c.body(&args[1..]))?)
            }
            _ => None,
        })
    }

    /// Whether a warning of a kind about a symbol is wanted here.
    fn wants(&self, kind: Kind, about: Object<'ob>) -> bool {
        let Some(watch) = &self.watch else { return false };
        watch.silent == 0
            && self.inlining.is_empty()
            && kind.is_wanted(self.cx)
            && !kind.is_suppressed(about, &watch.suppressed, self.cx)
    }

    /// The place of a name in the form at hand, or of the form.
    fn place(&self, list: Object<'ob>, about: Object<'ob>) -> Option<usize> {
        let watch = self.watch.as_ref()?;
        let in_list = || places::of_name(watch.places, list, about, self.cx);
        let in_form = || places::of_name(watch.places, watch.form, about, self.cx);
        let form = places::of_form(watch.places, watch.form, self.cx);
        let near =
            || if about.is_nil() { None } else { places::of_atom(watch.places, about, form.unwrap_or(0), self.cx) };
        in_list().or_else(in_form).or_else(near).or(form)
    }

    /// Warn at a form.
    pub(super) fn warn(&mut self, kind: Kind, form: Object<'ob>, about: Object<'ob>, text: impl FnOnce() -> String) {
        if self.wants(kind, about) {
            warn::note(self.place(form, about), text(), self.cx);
        }
    }

    /// A variable is bound dynamically.
    pub(super) fn note_bound(&mut self, name: Object<'ob>) {
        if let Some(watch) = &mut self.watch {
            watch.bound.push(name);
        }
    }

    pub(super) fn bound_mark(&self) -> usize {
        self.watch.as_ref().map_or(0, |watch| watch.bound.len())
    }

    pub(super) fn unbind(&mut self, mark: usize) {
        if let Some(watch) = &mut self.watch {
            watch.bound.truncate(mark);
        }
    }

    /// A variable that is not lexical is read or set.
    pub(super) fn check_free(&mut self, variable: Object<'ob>, assigned: bool) {
        let (cx, Some(symbol)) = (self.cx, variable.as_symbol()) else { return };
        if self.watch.is_some() {
            self.check_obsolete_variable(variable);
        }
        let Some(watch) = &self.watch else { return };
        if symbol.is_special(cx)
            || symbol.value(cx) != tenure_gc::UNBOUND
            || watch.bound.contains(&variable)
            || self.is_declared_special(variable)
            || !self.wants(Kind::FreeVars, variable)
        {
            return;
        }
        let text = name(variable, cx);
        if warn::is_new_free(&text, assigned, cx) {
            let what = if assigned { "assignment" } else { "reference" };
            self.warn(Kind::FreeVars, NIL, variable, || format!("{what} to free variable {}", quoted(&text)));
        }
    }

    /// Something that is no variable is set or bound.
    pub(super) fn check_constant(&mut self, variable: Object<'ob>, what: &str) {
        let cx = self.cx;
        self.warn(Kind::Constants, NIL, variable, || format!("{what} constant {}", quoted(&name(variable, cx))));
    }

    /// The scope of lexical variables ends.
    pub(super) fn check_use(&mut self, list: Object<'ob>, names: &[(Object<'ob>, VarId)], argument: bool) {
        if self.watch.is_none() {
            return;
        }
        let cx = self.cx;
        for &(variable, id) in names {
            let is_read = self.ir.variable(id).read;
            let marked = name(variable, cx).starts_with('_');
            if !is_read && !may_be_unused(variable, cx) {
                let what = if argument { "argument" } else { "variable" };
                let text = || format!("Unused lexical {what} `{}'", name(variable, cx));
                self.warn(Kind::Lexical, list, variable, text);
            } else if is_read && marked && variable.as_symbol().is_some_and(|s| s.interned(cx) != Interned::No) {
                let what = if argument { "argument" } else { "variable" };
                let text = || format!("{what} {} not left unused", quoted(&name(variable, cx)));
                self.warn(Kind::Lexical, list, variable, text);
            }
        }
    }

    /// The parameters of a lambda expression.
    pub(super) fn check_parameters(&mut self, arglist: Object<'ob>, names: &[Object<'ob>]) {
        let cx = self.cx;
        if self.watch.is_none() {
            return;
        }
        for (i, &parameter) in names.iter().enumerate() {
            if is_constant_symbol(parameter, cx) {
                continue;
            }
            if names[..i].contains(&parameter) {
                let text = || format!("repeated variable {} in lambda-list", name(parameter, cx));
                self.warn(Kind::Other, arglist, parameter, text);
            }
            if self.lexical && parameter.as_symbol().is_some_and(|s| s.is_special(cx)) {
                let text = || format!("Lexical argument shadows the dynamic variable {}", name(parameter, cx));
                self.warn(Kind::Lexical, arglist, parameter, text);
            }
        }
    }

    /// A documentation string.
    pub(super) fn check_documentation(&mut self, what: &str, doc: Object<'ob>) {
        if self.watch.is_none() {
            return;
        }
        let most = toplevel::value("byte-compile-docstring-max-column", self.cx).as_fixnum().unwrap_or(80);
        let Some(text) = doc.as_string() else { return };
        let text = String::from_utf8_lossy(text.bytes());
        // Addresses cannot be broken, and keys take other room than their commands.
        let is_fixed = |line: &str| line.contains("://") || line.contains("\\[") || line.starts_with("(fn ");
        let wide = |line: &str| line.chars().count() as i64 > most && !is_fixed(line);
        if text.lines().any(wide) {
            self.warn(Kind::Docstrings, NIL, NIL, || format!("{what}docstring wider than {most} characters"));
        }
    }

    /// The value of a form is not used.
    fn check_unused_value(&mut self, form: Object<'ob>, head: Object<'ob>) {
        let cx = self.cx;
        let Some(text) = name_of(head, cx) else { return };
        if text == "mapcar" {
            self.warn(Kind::Mapcar, form, head, || {
                format!(
                    "{} called for effect; use {} or {} instead",
                    quoted("mapcar"),
                    quoted("mapc"),
                    quoted("dolist")
                )
            });
        }
        let declared = || head.as_symbol().map_or(NIL, |s| property(s, "side-effect-free", cx));
        if PURE_BUT_FOR_ERRORS.binary_search(&text).is_ok() || declared() == tenure_gc::T {
            self.warn(Kind::Suspicious, form, head, || {
                format!("value returned from {} is unused", warn::printed(form, cx))
            });
        }
    }

    /// A call of a function by its name.
    pub(super) fn check_call(&mut self, form: Object<'ob>, head: Object<'ob>, args: &[Object<'ob>]) {
        if self.watch.is_none() || !self.inlining.is_empty() {
            return;
        }
        let cx = self.cx;
        if self.is_unused() {
            self.check_unused_value(form, head);
        }
        self.check_obsolete_function(form, head);
        self.check_arguments(form, head, args.len());
        let Some(text) = name_of(head, cx) else { return };
        if FORMATS.contains(&text)
            && let Some(template) = args.first().and_then(|arg| arg.as_string())
        {
            let fields = fields(template.bytes());
            let n = args.len() - 1;
            if fields.is_some_and(|fields| fields != n) {
                let fields = fields.unwrap_or(0);
                self.warn(Kind::Callargs, form, head, || {
                    format!("{} called with {n} args to fill {fields} format field(s)", quoted(text))
                });
            }
        }
        if let Some(&(_, i)) = CALLERS.iter().find(|(caller, _)| *caller == text)
            && let Some(&function) = args.get(i)
        {
            let lambda = car_safe(cdr_safe(function));
            if car_safe(function) == sym::QUOTE && car_safe(lambda) == sym::LAMBDA {
                let list = warn::printed(car_safe(cdr_safe(lambda)), cx);
                self.warn(Kind::Other, lambda, sym::LAMBDA, || {
                    format!("(lambda {list} \\.\\.\\.) quoted with ' rather than with #'")
                });
            } else if text == "funcall" {
                self.check_named(function);
            }
        }
        if text == "make-variable-buffer-local" && self.is_inside_function() {
            let text = || format!("{} not called at toplevel", quoted("make-variable-buffer-local"));
            self.warn(Kind::MakeLocal, form, head, text);
        }
    }

    /// A function is named that is to be called later.
    pub(super) fn check_named(&mut self, function: Object<'ob>) {
        let named = car_safe(cdr_safe(function));
        if [sym::QUOTE, sym::FUNCTION].contains(&car_safe(function)) && named.as_symbol().is_some() && !named.is_nil() {
            self.check_known(cdr_safe(function), named, None);
        }
    }

    /// The function is known, or is noted to be asked for again at the end of the file.
    fn check_known(&mut self, form: Object<'ob>, function: Object<'ob>, arguments: Option<usize>) {
        let cx = self.cx;
        let text = name(function, cx);
        let defined = function.as_symbol().is_some_and(|s| !s.function(cx).is_nil());
        // A setter that `gv` calls is defined where the place is.
        let is_setter = text.starts_with("(setf ");
        if warn::signature(&text, cx).is_none() && !defined && !is_setter && self.wants(Kind::Unresolved, function) {
            warn::note_call(text, arguments, self.place(form, function), cx);
        }
    }

    /// How many arguments the function is known to take.
    fn signature(&self, function: Object<'ob>) -> Option<Signature> {
        let cx = self.cx;
        if let Some(known) = warn::signature(&name(function, cx), cx) {
            return known;
        }
        let definition = function.as_symbol()?.function(cx);
        if definition.is_nil() || car_safe(definition) == sym::AUTOLOAD || car_safe(definition) == sym::MACRO {
            return None;
        }
        if let Some(info) = definition.as_subr().map(|subr| subr.info(cx)) {
            let most = match info.max {
                MaxArgs::Fixed(most) => Some(most.into()),
                MaxArgs::Many => None,
                MaxArgs::Unevalled => return None,
            };
            return Some(Signature { least: info.min.into(), most });
        }
        let pair = functions::arity(function, cx).map_err(|throw| cx.caught(throw)).ok()?;
        let number = |object: Object<'_>| object.as_fixnum().and_then(|n| usize::try_from(n).ok());
        Some(Signature { least: number(car_safe(pair))?, most: number(cdr_safe(pair)) })
    }

    fn check_arguments(&mut self, form: Object<'ob>, head: Object<'ob>, n: usize) {
        let cx = self.cx;
        let Some(signature) = self.signature(head) else { return self.check_known(form, head, Some(n)) };
        if signature.takes(n) {
            return;
        }
        let text = name(head, cx);
        let plural = if n == 1 { "" } else { "s" };
        if let Some(wanted) = opcode_arguments(&text) {
            let text = || format!("{} called with {n} arg{plural}, but requires {wanted}", quoted(&text));
            self.warn(Kind::Callargs, form, head, text);
        }
        let what = if n < signature.least { "requires" } else { "accepts only" };
        self.warn(Kind::Callargs, form, head, || {
            format!("{text} called with {n} argument{plural}, but {what} {}", signature.text())
        });
    }

    fn check_obsolete_function(&mut self, form: Object<'ob>, head: Object<'ob>) {
        let cx = self.cx;
        let Some(function) = head.as_symbol() else { return };
        if function.plist(cx).is_nil() {
            return;
        }
        let only = property(function, "interactive-only", cx);
        if !only.is_nil() {
            let rest = match only.as_string() {
                Some(text) => format!("; {}", String::from_utf8_lossy(text.bytes())),
                None if only == tenure_gc::T => ".".to_owned(),
                None => format!("; use {} instead.", quoted(&name(only, cx))),
            };
            let text = || format!("{} is for interactive use only{rest}", quoted(&name(head, cx)));
            self.warn(Kind::InteractiveOnly, form, head, text);
        }
        let info = property(function, "byte-obsolete-info", cx);
        if !info.is_nil() {
            let text = obsolete(head, "function", car_safe(info), elements(info).nth(2).unwrap_or(NIL), cx);
            self.warn(Kind::Obsolete, form, head, || text);
        }
    }

    fn check_obsolete_variable(&mut self, variable: Object<'ob>) {
        let cx = self.cx;
        let info = variable.as_symbol().map_or(NIL, |s| property(s, "byte-obsolete-variable", cx));
        if !info.is_nil() {
            let text = obsolete(variable, "variable", car_safe(info), elements(info).nth(2).unwrap_or(NIL), cx);
            self.warn(Kind::Obsolete, NIL, variable, || text);
        }
    }

    /// A `defvar`, `defconst` or `defcustom`, whose variable may not look like one.
    pub(super) fn check_prefix(&mut self, variable: Object<'ob>) {
        let cx = self.cx;
        let text = name(variable, cx);
        let known = variable.as_symbol().is_some_and(|s| s.is_special(cx));
        if self.lexical && !known && !text.contains(['-', '*', '/', ':', '$']) {
            let text = || format!("global/dynamic var {} lacks a prefix", quoted(&text));
            self.warn(Kind::Lexical, NIL, variable, text);
        }
    }

    /// What is wrong with a definition at the top of a file.
    pub(super) fn check_definition_at_top(&mut self, form: Object<'ob>) {
        if self.watch.is_none() {
            return;
        }
        let cx = self.cx;
        let parts: Vec<Object<'ob>> = elements(form).collect();
        let unquoted = |i: usize| parts.get(i).map_or(NIL, |&form| car_safe(cdr_safe(form)));
        match name_of(car_safe(form), cx).unwrap_or_default() {
            kind @ ("defvar" | "defconst") if parts.len() > 1 => {
                self.check_prefix(parts[1]);
                let what = format!("{kind} `{}' ", name(parts[1], cx));
                self.check_documentation(&what, parts.get(3).copied().unwrap_or(NIL));
            }
            "custom-declare-variable" if parts.len() > 2 => {
                let variable = unquoted(1);
                let given = |keyword: &str| parts[3..].iter().any(|&part| part == symbol(keyword, cx));
                let has_group = !toplevel::value("byte-compile-current-group", cx).is_nil() || given(":group");
                for (is_given, what) in [(given(":type"), "type"), (has_group, "containing group")] {
                    if !is_given {
                        let text = format!("defcustom for {} fails to specify {what}", quoted(&name(variable, cx)));
                        self.warn(Kind::Other, NIL, variable, || text);
                    }
                }
                self.check_prefix(variable);
                let what = format!("custom-declare-variable `{}' ", name(variable, cx));
                self.check_documentation(&what, parts.get(3).copied().unwrap_or(NIL));
            }
            _ => {}
        }
    }
}

/// What is said of something obsolete.
fn obsolete(old: Object<'_>, what: &str, new: Object<'_>, when: Object<'_>, cx: &Context) -> String {
    let mut text = format!("{} is an obsolete {what}", quoted(&name(old, cx)));
    if let Some(when) = when.as_string() {
        text += &format!(" (as of {})", String::from_utf8_lossy(when.bytes()));
    }
    match new.as_string() {
        Some(hint) => text += &format!("; {}", String::from_utf8_lossy(hint.bytes())),
        None if new.is_nil() => text.push('.'),
        None => text += &format!("; use {} instead.", quoted(&name(new, cx))),
    }
    text
}

/// How many arguments a primitive with an opcode takes, if the opcode settles that.
fn opcode_arguments(primitive: &str) -> Option<u8> {
    let mut rows = OPCODES.iter().filter(|row| row.primitive == primitive && row.flow == Flow::Next);
    let row = rows.next().filter(|_| rows.next().is_none())?;
    match row.effect {
        Effect::Fixed(pops, 1) => Some(pops),
        _ => None,
    }
}

/// How many arguments a format takes; nothing if it numbers them.
fn fields(template: &[u8]) -> Option<usize> {
    let (mut n, mut rest) = (0, template);
    while let Some(i) = memchr::memchr(b'%', rest) {
        let directive = &rest[i + 1..];
        let flags = directive.iter().take_while(|b| b"-+ #0123456789.".contains(b)).count();
        match directive.get(flags) {
            Some(b'$') => return None,
            Some(b'%') | None => {}
            Some(_) => n += 1,
        }
        rest = directive.get(flags + 1..).unwrap_or_default();
    }
    Some(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for (template, n) in [("", Some(0)), ("%d %-5s%%", Some(2)), ("%", Some(0)), ("%2$s", None), ("%.3f", Some(1))]
        {
            assert_eq!(fields(template.as_bytes()), n, "{template}");
        }
    }

    #[test]
    fn names_are_sorted() {
        assert!(PURE_BUT_FOR_ERRORS.is_sorted());
    }
}
