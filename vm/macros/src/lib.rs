//! Procedural macros of `tenure`: how Rust functions, symbols and variables become Lisp's.
//!
//! - [`macro@defun`] makes a primitive of a Rust function: the type of its last parameter says whether it may collect.
//! - [`subrs!`] names the primitives of a file, as Emacs's `syms_of_*` does.
//! - [`defsym!`] numbers the built-in symbols and makes a constant of each.
//! - [`defvar!`] declares a variable that is native state.
//!
//! None expands to `unsafe`.

#![forbid(unsafe_code)]

mod defun;
mod symbols;

use proc_macro::TokenStream;

/// Make a primitive of a Rust function.
///
/// The function keeps its name and can be called from Rust.  Beside it a constant `SUBR_<NAME>` appears, which
/// [`subrs!`] lists.  The Lisp name is the Rust name with `_` as `-`, or `#[defun(name = "1+")]`; the documentation string
/// is the doc comment.
///
/// - `fn f(a: i64, b: Option<Str<'ob>>, cx: &'ob Context) -> ...` cannot collect.  Parameters are any `FromLisp` type;
///   the first `Option` begins `&optional`, where nil is `None`; a last `Slots<'ob>` is `&rest`.  The result is any
///   `IntoLisp` type, or a `Result` of one.
/// - `fn f(a: Root<'_>, b: Option<Root<'_>>, rest: Args<'_>, cx: &mut Context) -> CallResult` may collect; its arguments
///   are rooted.  `Object<'_>` is refused here: it could not live across a collection.
/// - `#[defun(special)] fn f(args: Root<'_>, cx: &mut Context) -> CallResult` is a special form; `args` is the list of
///   unevaluated arguments, and `#[defun(special, min = 2)]` the least number of them.
/// - `#[defun(min = 1)]` sets the least number of arguments where the types do not say it.
#[proc_macro_attribute]
pub fn defun(attribute: TokenStream, item: TokenStream) -> TokenStream {
    defun::expand(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The array of [`macro@defun`]'s constants for the functions named: `subrs![car, cdr, nested::function]`.
#[proc_macro]
pub fn subrs(input: TokenStream) -> TokenStream {
    defun::expand_subrs(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Number the built-in symbols: `defsym! { "nil", "t", PLUS = "+" }` makes `pub const NIL: Object<'static>` and so on,
/// and `pub const NAMES: &[&str]` of all names in order.
#[proc_macro]
pub fn defsym(input: TokenStream) -> TokenStream {
    symbols::expand_defsym(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declare variables that are native state: `defvar! { VARIABLES; "gc-cons-threshold", get_function, set_function; ... }`
/// makes `pub const VARIABLES: &[Forward]`.
#[proc_macro]
pub fn defvar(input: TokenStream) -> TokenStream {
    symbols::expand_defvar(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
