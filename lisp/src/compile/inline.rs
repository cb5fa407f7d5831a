//! Inlining of functions defined by `defsubst`.
//!
//! A function whose property `byte-optimizer` is `byte-compile-inline-expand` is put in place of its calls if its source
//! is known: the function cell holds it while the function is interpreted, and the property `tenure--inline-source` when
//! this compiler compiled it.  The body sees nothing of the variables around the call.

use super::convert::Converter;
use super::ir::NodeId;
use super::toplevel;
use crate::form::{car_safe, cdr_safe, elements, symbol};
use tenure_gc::{Context, NIL, Object, Symbol, T, Throw};
use tenure_vm::sym;
use tenure_vm::tails::tails;

/// The property with the source of a compiled function that may be inlined.
const SOURCE: &str = "tenure--inline-source";
/// Functions inside functions that are inlined at most.
const MAX_INLINED: usize = 20;

/// A property of a symbol.
fn property<'ob>(name: Symbol<'ob>, property: Object<'_>, cx: &'ob Context) -> Object<'ob> {
    let cell = tails(name.plist(cx)).step_by(2).find(|cell| cell.car() == property);
    cell.map_or(NIL, |cell| car_safe(cell.cdr()))
}

/// Whether calls of a function are to be replaced by its body.
pub(super) fn is_inline(name: Symbol<'_>, cx: &Context) -> bool {
    let optimizer = property(name, symbol("byte-optimizer", cx), cx);
    optimizer == symbol("byte-compile-inline-expand", cx)
}

/// Keep the source of a compiled function for the compilation of others.
pub(super) fn keep_source(name: Symbol<'_>, source: Object<'_>, cx: &Context) {
    let plist = cx.list_with_tail(&[symbol(SOURCE, cx), source], name.plist(cx));
    name.set_plist(plist, cx);
}

fn is_macro(name: Symbol<'_>, cx: &Context) -> bool {
    let function = name.function(cx);
    let kind = || elements(function).nth(4).unwrap_or(NIL);
    car_safe(function) == sym::MACRO || (car_safe(function) == sym::AUTOLOAD && (kind() == T || kind() == sym::MACRO))
}

impl<'ob> Converter<'ob> {
    /// The body of a function in place of its call, if that is wanted and possible.
    pub(super) fn inline(&mut self, name: Symbol<'ob>, args: &[Object<'ob>]) -> Result<Option<NodeId>, Throw> {
        let cx = self.cx;
        if !self.inlining.is_empty() && is_macro(name, cx) {
            self.met_macro = true;
        }
        let object = Object::from(name);
        if !is_inline(name, cx) || self.inlining.contains(&object) || self.inlining.len() >= MAX_INLINED {
            return Ok(None);
        }
        let source = toplevel::source(object, cx).unwrap_or_else(|| {
            let kept = property(name, symbol(SOURCE, cx), cx);
            if kept.is_nil() { name.function(cx) } else { kept }
        });
        let lambda = if car_safe(source) == sym::CLOSURE {
            let env = car_safe(cdr_safe(source));
            if !self.lexical || car_safe(env) != T || !cdr_safe(env).is_nil() {
                return Ok(None);
            }
            Object::from(cx.cons(sym::LAMBDA, cdr_safe(cdr_safe(source))))
        } else if car_safe(source) == sym::LAMBDA && !self.lexical {
            source
        } else {
            return Ok(None);
        };
        let nodes = self.forms(args)?;
        self.inlining.push(object);
        let outer = std::mem::replace(&mut self.met_macro, false);
        let node = self.alone(|c| c.call_lambda(lambda, nodes.clone()));
        let met_macro = std::mem::replace(&mut self.met_macro, outer);
        self.inlining.pop();
        if met_macro {
            return Ok(Some(self.ir.add(super::ir::Node::Call(object, nodes))));
        }
        node.map(Some)
    }
}
