//! The byte compiler: Lisp forms to the byte code of Emacs 28 (`bytecomp.el`, `cconv.el`, `byte-opt.el`).
//!
//! A form goes through these steps, each a file:
//!
//! 1. `macroexpand-all`, the only step that runs Lisp: macros, compiler macros, what is evaluated at compile time.
//! 2. [`convert`] makes a tree in which every variable is resolved ([`ir`]); [`special`] has the special forms,
//!    [`inline`] puts the bodies of `defsubst`s in place of their calls.
//! 3. [`simplify`] folds constants and takes out what is not needed; [`rewrite`] knows the primitives.
//! 4. [`capture`] finds which closure takes which variables along, and which of them need a cons of their own.
//! 5. [`codegen`] makes instructions with labels ([`lap`]); [`primitive`] chooses opcodes, [`switch`] makes jump tables,
//!    [`function`] closures.
//! 6. [`peephole`] improves them, and [`lap`] assembles the byte string and the vector of constants.
//!
//! Files are compiled form by form ([`toplevel`], [`file`]), and so are those that are loaded ([`evaluate`]).
//! [`disassemble`] shows code to people.
//! From step 2 on nothing can collect, so the tree holds plain objects.  The code runs in GNU Emacs 28.2 as well.

mod capture;
mod check;
mod codegen;
mod convert;
mod disassemble;
mod file;
mod function;
mod inline;
mod ir;
mod lap;
mod output;
mod peephole;
mod places;
mod primitive;
mod rewrite;
mod simplify;
mod special;
mod switch;
mod toplevel;
mod warn;

use crate::form::{always_quote, call, car_safe, cdr_safe, elements, quote, symbol};
use crate::macroexp;
use ir::{FunctionId, Ir, Node, NodeId, Variable};
pub(crate) use places::copy as copy_places;
use tenure_gc::{ByteCode, CallResult, Context, NIL, Object, Root, SubrInfo, T, Throw};
use tenure_vm::eval::eval;
use tenure_vm::specpdl::{mark, unbind_to};
use tenure_vm::{defun, funcall, handler, specbind, subrs, sym};
pub(crate) use toplevel::{bind_declarations, each, keep_inline_sources};
pub(crate) use warn::Report;

/// What a form compiles to.
#[derive(Clone, Copy)]
pub(crate) enum Compiled<'ob> {
    /// Its value is known.
    Constant(Object<'ob>),
    /// A call of a function whose arguments are constants, or variables, as a form.
    Form(Object<'ob>),
    /// A function without arguments that computes it.
    Code(ByteCode<'ob>),
}

/// Compile a macro-expanded form that is evaluated outside of all functions.
pub(crate) fn compile<'ob>(
    form: Object<'ob>,
    lexical: bool,
    specials: &[Object<'ob>],
    cx: &'ob Context,
) -> Result<Compiled<'ob>, Throw> {
    let (ir, function) = tree(form, lexical, specials, cx)?;
    let body = ir.function(function).body;
    if let Some(value) = constant(&ir, body, cx)? {
        return Ok(Compiled::Constant(value));
    }
    if let Node::Call(name, args) = ir.node(body)
        && !special::SPECIAL.iter().any(|special| special.head == *name)
    {
        let forms: Vec<Option<Object<'ob>>> =
            args.iter().map(|&arg| simple_form(&ir, arg, cx)).collect::<Result<_, Throw>>()?;
        if let Some(forms) = forms.into_iter().collect::<Option<Vec<_>>>() {
            return Ok(Compiled::Form(cx.cons(*name, cx.list(&forms)).into()));
        }
    }
    Ok(Compiled::Code(function::object(&ir, function, cx)?))
}

/// Warn of what is wrong with a definition at the top of a file.
fn check_top<'ob>(form: Object<'ob>, lexical: bool, specials: &[Object<'ob>], cx: &'ob Context) {
    let mut converter = convert::Converter::new(lexical, specials, cx);
    converter.watch(form);
    converter.check_definition_at_top(form);
}

/// The value of a node that is the same each time.
fn constant<'ob>(ir: &Ir<'ob>, node: NodeId, cx: &'ob Context) -> Result<Option<Object<'ob>>, Throw> {
    Ok(match *ir.node(node) {
        Node::Constant(value) => Some(value),
        Node::Lambda(inner) if ir.function(inner).captures.is_empty() && !has_computed_doc(ir, inner) => {
            Some(function::object(ir, inner, cx)?.into())
        }
        _ => None,
    })
}

/// The form of an argument that needs no code.
fn simple_form<'ob>(ir: &Ir<'ob>, node: NodeId, cx: &'ob Context) -> Result<Option<Object<'ob>>, Throw> {
    if let Some(value) = constant(ir, node, cx)? {
        return Ok(Some(quote(value, cx)));
    }
    Ok(match ir.node(node) {
        &Node::Read(Variable::Dynamic(name)) => Some(name),
        // The definition of a macro.
        Node::Call(name, args) if *name == symbol("cons", cx) && args.len() == 2 => {
            match (constant(ir, args[0], cx)?, constant(ir, args[1], cx)?) {
                (Some(car), Some(cdr)) if car == sym::MACRO => Some(always_quote(cx.cons(car, cdr).into(), cx)),
                _ => None,
            }
        }
        _ => None,
    })
}

fn has_computed_doc(ir: &Ir<'_>, function: FunctionId) -> bool {
    matches!(ir.function(function).doc, ir::Documentation::Computed(_))
}

/// The tree of a form, ready for code generation.
fn tree<'ob>(
    form: Object<'ob>,
    lexical: bool,
    specials: &[Object<'ob>],
    cx: &'ob Context,
) -> Result<(Ir<'ob>, FunctionId), Throw> {
    let (mut ir, function) = convert::Converter::new(lexical, specials, cx).top_level(form)?;
    simplify::function(&mut ir, function, cx)?;
    capture::analyse(&mut ir, function, cx)?;
    Ok((ir, function))
}

/// The form that has the value of what was compiled: `(byte-code CODE CONSTANTS DEPTH)` unless it is simpler.
pub(crate) fn as_form<'ob>(compiled: &Compiled<'ob>, cx: &'ob Context) -> Object<'ob> {
    match compiled {
        Compiled::Constant(value) => quote(*value, cx),
        Compiled::Form(form) => *form,
        Compiled::Code(code) => {
            let slot = |i| code.get(i).unwrap_or(NIL);
            call("byte-code", &[slot(1), slot(2), slot(3)], cx)
        }
    }
}

/// The variables that are declared special for the file at hand.
fn specials(cx: &Context) -> Vec<Object<'_>> {
    elements(toplevel::value(toplevel::BOUND_VARIABLES, cx)).collect()
}

/// Evaluate a form of a file that is loaded, compiled.  One that cannot be compiled is left to the evaluator, which
/// signals what is wrong with it if it gets there.
pub(crate) fn evaluate(form: Root<'_>, cx: &mut Context) -> CallResult {
    let compiled = match file::compiled_form(form.get(cx), cx) {
        Ok(compiled) => compiled,
        Err(throw) => {
            cx.caught(throw);
            cx.settle_signal();
            form.get(cx)
        }
    };
    let scope = cx.scope();
    let compiled = scope.root(compiled);
    interpret(compiled, cx)
}

/// Evaluate a form of a file that is loaded.
pub(crate) fn interpret(form: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let environment = scope.root(toplevel::environment(cx));
    eval(form, environment, cx)
}

fn is_lexical(cx: &Context) -> bool {
    !tenure_vm::lread::setting(sym::LEXICAL_BINDING, cx).is_nil()
}

/// Expand the macros of a form as for compilation.
fn preprocess(form: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let environment = scope.root(toplevel::compile_time_macros(cx));
    macroexp::expand(form, environment, cx)
}

/// The source of an interpreted function as an expression that makes it: variables that it captured are bound around.
fn reified<'ob>(function: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let (env, lambda) = if car_safe(function) == sym::CLOSURE {
        (car_safe(cdr_safe(function)), cdr_safe(cdr_safe(function)))
    } else {
        (NIL, cdr_safe(function))
    };
    let lambda = cx.cons(sym::LAMBDA, lambda);
    let mut form = cx.list(&[sym::FUNCTION, lambda.into()]);
    for entry in elements(env) {
        if let Some(pair) = entry.as_cons() {
            let binding = cx.list(&[pair.car(), always_quote(pair.cdr(), cx)]);
            form = cx.list(&[sym::LET, cx.list(&[binding]), form]);
        } else if entry != T {
            form = cx.list(&[sym::PROGN, cx.list(&[sym::DEFVAR, entry]), form]);
        }
    }
    form
}

/// Compile FORM: a symbol's function, which is replaced, a lambda expression, which gives a function, or another form,
/// which gives a form that does the same.
#[defun]
fn byte_compile(form: Root<'_>, cx: &mut Context) -> CallResult {
    let start = mark(cx);
    let lexical = Object::bool(is_lexical(cx));
    specbind!(cx, sym::LEXICAL_BINDING, lexical)?;
    specbind!(cx, symbol(places::TABLE, cx), NIL)?;
    let result = byte_compile_bound(form, cx).map_err(|throw| handler::raise(throw, cx));
    unbind_to(start, result, cx)
}

fn byte_compile_bound(form: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    let name = form.get(cx).as_symbol().filter(|_| !form.get(cx).is_nil());
    let is_name = name.is_some();
    let source = name.map_or(form.get(cx), |name| name.function(cx));
    let source = scope.root(source);
    let is_macro = car_safe(source.get(cx)) == sym::MACRO;
    if is_macro {
        source.set(cx, cdr_safe(source.get(cx)));
    }
    let function = source.get(cx);
    if function.as_byte_code().is_some() || function.as_closure().is_some() {
        return Ok(cx.ret(function));
    }
    if is_name && function.as_cons().is_none() {
        let text = cx.string_from_str("Symbol's function definition is not a Lisp function");
        return Err(cx.signal(sym::ERROR, cx.list(&[text.into(), form.get(cx)])));
    }
    let compiled = compile_definition(source, is_name || is_macro, cx)?.get(cx);
    let value = if is_macro { cx.cons(sym::MACRO, compiled).into() } else { compiled };
    if is_name {
        let name = form.get(cx);
        let value = scope.root(value);
        funcall!(cx, symbol("fset", cx), name, value.get(cx))?.get(cx);
        return Ok(cx.ret(value.get(cx)));
    }
    Ok(cx.ret(value))
}

/// Compile a function, a lambda expression or a form; `is_function` says that a lambda expression is a function value.
fn compile_definition(source: Root<'_>, is_function: bool, cx: &mut Context) -> CallResult {
    let function = source.get(cx);
    let is_closure = car_safe(function) == sym::CLOSURE;
    let is_function = is_function || is_closure;
    if is_function {
        let expression = reified(function, cx);
        source.set(cx, expression);
        tenure_vm::set!(cx, sym::LEXICAL_BINDING, Object::bool(is_closure))?;
    } else if car_safe(function) == sym::LAMBDA {
        let expression = cx.list(&[sym::FUNCTION, function]);
        source.set(cx, expression);
    }
    let expanded = preprocess(source, cx)?.get(cx);
    match compile(expanded, is_lexical(cx), &[], cx)? {
        Compiled::Constant(value) if is_function || value.as_byte_code().is_some() => Ok(cx.ret(value)),
        Compiled::Code(code) if is_function => funcall!(cx, code.into()),
        compiled => Ok(cx.ret(as_form(&compiled, cx))),
    }
}

/// The byte code of a function, a lambda expression or a form, compiled if it is not yet.
fn byte_compile_definition(source: Root<'_>, cx: &mut Context) -> CallResult {
    let function = source.get(cx);
    if function.as_byte_code().is_some() || function.as_closure().is_some() || car_safe(function) == sym::BYTE_CODE {
        return Ok(cx.ret(function));
    }
    let start = mark(cx);
    specbind!(cx, sym::LEXICAL_BINDING, T)?;
    if ![sym::LAMBDA, sym::CLOSURE].contains(&car_safe(source.get(cx))) {
        // A form is the body of a function without arguments.
        let lambda = cx.list(&[sym::LAMBDA, NIL, source.get(cx)]);
        source.set(cx, lambda);
    }
    let result = compile_definition(source, false, cx).map_err(|throw| handler::raise(throw, cx));
    unbind_to(start, result, cx)
}

/// The primitive of this file.
const BYTE_COMPILE: &[SubrInfo] = &subrs![byte_compile];

/// The primitives of the compiler, by file.
pub(crate) const SUBRS: &[&[SubrInfo]] = &[BYTE_COMPILE, disassemble::SUBRS, file::SUBRS, toplevel::SUBRS];

/// Variables of the compiler that are nil at first.
pub(crate) const VARIABLES: &[&str] = &[
    toplevel::BOUND_VARIABLES,
    toplevel::FUNCTIONS,
    toplevel::MACROS,
    places::TABLE,
    "byte-compile-current-file",
    "byte-compile-current-group",
    "byte-compile-delete-errors",
    "byte-compile-dest-file-function",
    "byte-compile-dynamic",
    "byte-compile-error-on-warn",
    "byte-compile-root-dir",
    "byte-compile-verbose",
    "no-byte-compile",
];
