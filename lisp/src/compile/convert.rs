//! Macro-expanded forms to the intermediate form: special forms become nodes, names become variables.
//!
//! Nothing is evaluated and nothing can collect.  A malformed form gives the error that evaluating it gives where that
//! is an error of shape; what is wrong with values is left to the run.

use super::check::Watch;
use super::ir::{Arity, Documentation, Function, FunctionId, Ir, Node, NodeId, VarId, Variable};
use super::special::SPECIAL;
use crate::form::{car_safe, cdr_safe, symbol};
use tenure_gc::{Context, Interned, NIL, Object, Symbol, T, Throw};
use tenure_vm::error::{error, error_with, signal, wrong_type};
use tenure_vm::eval::check_native_room;
use tenure_vm::sym;
use tenure_vm::tails::tails;

/// Forms inside forms beyond which a program is refused, so that circular code comes to an end.
const MAX_DEPTH: u32 = 20_000;

/// What a name means from some place on.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    Lexical(VarId),
    /// Declared special by a local `defvar`.
    Special,
}

/// Turns forms into a tree.
pub(super) struct Converter<'ob> {
    pub(super) ir: Ir<'ob>,
    pub(super) cx: &'ob Context,
    /// The names in force, innermost last.
    pub(super) names: Vec<(Object<'ob>, Meaning)>,
    function: FunctionId,
    /// Whether variables are lexical unless they are special.
    pub(super) lexical: bool,
    depth: u32,
    /// The functions whose bodies are being put in place of calls.
    pub(super) inlining: Vec<Object<'ob>>,
    /// Whether a macro call was found in one of them.
    pub(super) met_macro: bool,
    /// What to warn of; nothing unless a file is compiled.
    pub(super) watch: Option<Watch<'ob>>,
}

/// A lambda expression taken apart.
struct Lambda<'ob> {
    arglist: Object<'ob>,
    doc: Doc<'ob>,
    interactive: Option<Object<'ob>>,
    body: Vec<Object<'ob>>,
}

enum Doc<'ob> {
    None,
    Text(Object<'ob>),
    Form(Object<'ob>),
}

/// The parameters of a lambda list.
pub(super) struct Parameters<'ob> {
    pub(super) names: Vec<Object<'ob>>,
    pub(super) arity: Arity,
}

/// The elements of a proper list.
pub(super) fn list_elements<'ob>(list: Object<'ob>, cx: &'ob Context) -> Result<Vec<Object<'ob>>, Throw> {
    let mut walk = tails(list);
    let elements = walk.by_ref().map(|c| c.car()).collect();
    let end = walk.end();
    match end.as_cons() {
        None if end.is_nil() => Ok(elements),
        None => Err(wrong_type(sym::LISTP, end, cx)),
        Some(_) => Err(signal(sym::CIRCULAR_LIST, &[list], cx)),
    }
}

/// Whether a symbol always has itself for value.
pub(super) fn is_constant_symbol(symbol: Object<'_>, cx: &Context) -> bool {
    let keyword = |s: Symbol<'_>| s.name(cx).bytes().first() == Some(&b':') && s.interned(cx) == Interned::Initially;
    symbol.is_nil() || symbol == T || symbol.as_symbol().is_some_and(keyword)
}

impl<'ob> Converter<'ob> {
    /// A converter of a form that is evaluated outside of all functions; `specials` are declared special there.
    pub(super) fn new(lexical: bool, specials: &[Object<'ob>], cx: &'ob Context) -> Converter<'ob> {
        let mut ir = Ir::new();
        let body = ir.constant(NIL);
        let function = ir.add_function(Function {
            arglist: NIL,
            parameters: Vec::new(),
            arity: Some(Arity { mandatory: 0, positional: 0, rest: false }),
            doc: Documentation::TopLevel,
            interactive: None,
            body,
            captures: Vec::new(),
        });
        let names = specials.iter().map(|&name| (name, Meaning::Special)).collect();
        Converter { ir, cx, names, function, lexical, depth: 0, inlining: Vec::new(), met_macro: false, watch: None }
    }

    /// The tree of a form, and the function that stands for it.
    pub(super) fn top_level(mut self, form: Object<'ob>) -> Result<(Ir<'ob>, FunctionId), Throw> {
        self.watch(form);
        let body = self.form(form)?;
        self.ir.function_mut(self.function).body = body;
        Ok((self.ir, self.function))
    }

    /// What a variable's name refers to.
    pub(super) fn variable(&self, name: Object<'ob>) -> Variable<'ob> {
        let lexical = self.names.iter().rev().find_map(|&(n, meaning)| match meaning {
            Meaning::Lexical(id) if n == name => Some(id),
            _ => None,
        });
        lexical.map_or(Variable::Dynamic(name), Variable::Lexical)
    }

    /// Whether a name was declared special for the code at hand.
    pub(super) fn is_declared_special(&self, name: Object<'ob>) -> bool {
        self.names.iter().any(|(n, meaning)| *n == name && matches!(meaning, Meaning::Special))
    }

    pub(super) fn is_inside_function(&self) -> bool {
        !matches!(self.ir.function(self.function).doc, Documentation::TopLevel)
    }

    /// Take a name for that of a special variable from here on.
    pub(super) fn declare_special(&mut self, name: Object<'ob>) {
        if self.lexical {
            self.names.push((name, Meaning::Special));
        }
    }

    /// The variable that a handler of `condition-case` binds.
    pub(super) fn handler_variable(&mut self, name: Object<'ob>) -> Variable<'ob> {
        let variable = self.parameter(name);
        self.bind(name, variable);
        variable
    }

    /// The variable of a parameter, which is lexical even if its name is special.
    fn parameter(&mut self, name: Object<'ob>) -> Variable<'ob> {
        if self.lexical { Variable::Lexical(self.ir.add_variable(self.function)) } else { Variable::Dynamic(name) }
    }

    /// Do `f` where only what was declared special outside is known.
    pub(super) fn alone<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        let outside = self.names.iter().filter(|(_, meaning)| matches!(meaning, Meaning::Special)).copied().collect();
        let hidden = std::mem::replace(&mut self.names, outside);
        let result = f(self);
        self.names = hidden;
        result
    }

    /// Whether `let` binds a name lexically.
    fn binds_lexically(&self, name: Symbol<'ob>) -> bool {
        self.lexical && !name.is_special(self.cx) && !self.is_declared_special(name.into())
    }

    /// Bring a variable into being for `let`; its name is in force when [`Converter::bind`] says so.
    pub(super) fn new_variable(&mut self, name: Symbol<'ob>) -> Variable<'ob> {
        if self.binds_lexically(name) {
            Variable::Lexical(self.ir.add_variable(self.function))
        } else {
            Variable::Dynamic(name.into())
        }
    }

    pub(super) fn bind(&mut self, name: Object<'ob>, variable: Variable<'ob>) {
        match variable {
            Variable::Lexical(id) => self.names.push((name, Meaning::Lexical(id))),
            Variable::Dynamic(name) => self.note_bound(name),
        }
    }

    pub(super) fn constant(&mut self, value: Object<'ob>) -> NodeId {
        self.ir.constant(value)
    }

    /// The tree of a form.
    pub(super) fn form(&mut self, form: Object<'ob>) -> Result<NodeId, Throw> {
        let Some(call) = form.as_cons() else {
            self.next_unused(false);
            return Ok(self.atom(form));
        };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(error(tenure_vm::eval::TOO_DEEP, self.cx));
        }
        check_native_room(self.cx)?;
        let before = self.enter(form);
        let node = self.call(form, call.car(), call.cdr())?;
        self.leave(before);
        self.depth -= 1;
        Ok(node)
    }

    fn atom(&mut self, form: Object<'ob>) -> NodeId {
        if form.as_symbol().is_none() || is_constant_symbol(form, self.cx) {
            return self.constant(form);
        }
        let variable = self.variable(form);
        match variable {
            Variable::Lexical(id) => self.ir.variable_mut(id).read = true,
            Variable::Dynamic(name) => self.check_free(name, false),
        }
        self.ir.add(Node::Read(variable))
    }

    pub(super) fn forms(&mut self, forms: &[Object<'ob>]) -> Result<Vec<NodeId>, Throw> {
        forms.iter().map(|&form| self.form(form)).collect()
    }

    /// The value of the last of some forms; a `defvar` among them declares for those behind it.
    pub(super) fn body(&mut self, forms: &[Object<'ob>]) -> Result<NodeId, Throw> {
        let unused = self.is_unused();
        let mut nodes = Vec::with_capacity(forms.len());
        for (i, &form) in forms.iter().enumerate() {
            self.next_unused(unused || i + 1 < forms.len());
            nodes.push(self.form(form)?);
        }
        Ok(match nodes[..] {
            [] => self.constant(NIL),
            [one] => one,
            _ => self.ir.add(Node::Progn(nodes)),
        })
    }

    pub(super) fn wrong_number(&self, head: Object<'ob>, n: usize) -> Throw {
        signal(sym::WRONG_NUMBER_OF_ARGUMENTS, &[head, Object::fixnum(n as i64)], self.cx)
    }

    fn call(&mut self, form: Object<'ob>, head: Object<'ob>, rest: Object<'ob>) -> Result<NodeId, Throw> {
        let args = list_elements(rest, self.cx)?;
        let Some(name) = head.as_symbol() else { return self.call_of_form(head, &args) };
        let head = self.without_aliases(name).into();
        if let Some(special) = SPECIAL.iter().find(|special| special.head == head) {
            if args.len() < special.least {
                return Err(self.wrong_number(head, args.len()));
            }
            return (special.convert)(self, form, &args);
        }
        let head = Object::from(name);
        if let Some(node) = self.quietly(head, &args)? {
            return Ok(node);
        }
        self.check_call(form, head, &args);
        if head == sym::FUNCALL && !args.is_empty() {
            return self.funcall(&args);
        }
        if let Some(node) = self.inline(name, &args)? {
            return Ok(node);
        }
        let args = self.forms(&args)?;
        Ok(self.ir.add(Node::Call(head, args)))
    }

    /// The symbol that a function name is another name of.
    fn without_aliases(&self, name: Symbol<'ob>) -> Symbol<'ob> {
        const HOPS: usize = 20;
        let mut name = name;
        for _ in 0..HOPS {
            match name.function(self.cx).as_symbol() {
                Some(next) if !Object::from(next).is_nil() => name = next,
                _ => break,
            }
        }
        name
    }

    /// A call whose first element is a list.
    fn call_of_form(&mut self, head: Object<'ob>, args: &[Object<'ob>]) -> Result<NodeId, Throw> {
        if car_safe(head) == sym::LAMBDA {
            let args = self.forms(args)?;
            return self.call_lambda(head, args);
        }
        let function = self.constant(head);
        let args = self.forms(args)?;
        Ok(self.ir.add(Node::Funcall(function, args)))
    }

    fn funcall(&mut self, args: &[Object<'ob>]) -> Result<NodeId, Throw> {
        let function = args[0];
        if [sym::FUNCTION, sym::QUOTE].contains(&car_safe(function)) {
            let named = car_safe(cdr_safe(function));
            if named.as_symbol().is_some() && !named.is_nil() {
                let args = self.forms(&args[1..])?;
                return Ok(self.ir.add(Node::Call(named, args)));
            }
            if car_safe(function) == sym::FUNCTION && car_safe(named) == sym::LAMBDA {
                let args = self.forms(&args[1..])?;
                return self.call_lambda(named, args);
            }
        }
        let function = self.form(function)?;
        let args = self.forms(&args[1..])?;
        Ok(self.ir.add(Node::Funcall(function, args)))
    }

    /// Put the body of a lambda expression in place of its call.
    pub(super) fn call_lambda(&mut self, lambda: Object<'ob>, mut args: Vec<NodeId>) -> Result<NodeId, Throw> {
        let parts = self.lambda_parts(lambda)?;
        let parameters = parameters(parts.arglist, self.cx)?;
        let arity = parameters.arity;
        if args.len() < arity.mandatory || (args.len() > arity.positional && !arity.rest) {
            let function = self.lambda(lambda)?;
            return Ok(self.ir.add(Node::Funcall(function, args)));
        }
        if arity.rest {
            let rest = args.split_off(args.len().min(arity.positional));
            while args.len() < arity.positional {
                args.push(self.constant(NIL));
            }
            let list = symbol("list", self.cx);
            args.push(self.ir.add(Node::Call(list, rest)));
        }
        while args.len() < parameters.names.len() {
            args.push(self.constant(NIL));
        }
        let (start, bound) = (self.names.len(), self.bound_mark());
        let mut bindings = Vec::new();
        for (&name, value) in parameters.names.iter().zip(args) {
            let variable = self.parameter(name);
            self.bind(name, variable);
            bindings.push((variable, value));
        }
        let body = self.body(&parts.body)?;
        self.names.truncate(start);
        self.unbind(bound);
        if bindings.is_empty() {
            return Ok(body);
        }
        Ok(self.ir.add(Node::Let { bindings, parallel: true, body }))
    }

    fn lambda_parts(&self, lambda: Object<'ob>) -> Result<Lambda<'ob>, Throw> {
        let elements = list_elements(cdr_safe(lambda), self.cx)?;
        let [arglist, ref body @ ..] = elements[..] else {
            return Err(signal(sym::INVALID_FUNCTION, &[lambda], self.cx));
        };
        let mut body = body.to_vec();
        let mut doc = Doc::None;
        match body.first() {
            Some(&text) if text.as_string().is_some() && body.len() > 1 => {
                doc = Doc::Text(text);
                body.remove(0);
            }
            Some(&form) if car_safe(form) == sym::C_DOCUMENTATION => {
                let form = car_safe(cdr_safe(form));
                doc = if form.as_string().is_some() { Doc::Text(form) } else { Doc::Form(form) };
                body.remove(0);
            }
            _ => {}
        }
        let interactive = body.iter().position(|&form| car_safe(form) == sym::INTERACTIVE).map(|i| body.remove(i));
        Ok(Lambda { arglist, doc, interactive, body })
    }

    /// The closure that a lambda expression makes.
    pub(super) fn lambda(&mut self, lambda: Object<'ob>) -> Result<NodeId, Throw> {
        let parts = self.lambda_parts(lambda)?;
        let doc = match parts.doc {
            Doc::None => Documentation::None,
            Doc::Text(text) => {
                self.check_documentation("", text);
                Documentation::Constant(text)
            }
            Doc::Form(form) => Documentation::Computed(self.form(form)?),
        };
        self.function_of(parts.arglist, doc, parts.interactive, &parts.body)
    }

    pub(super) fn function_of(
        &mut self,
        arglist: Object<'ob>,
        doc: Documentation<'ob>,
        interactive: Option<Object<'ob>>,
        body: &[Object<'ob>],
    ) -> Result<NodeId, Throw> {
        let parameters = parameters(arglist, self.cx)?;
        self.check_parameters(arglist, &parameters.names);
        let placeholder = self.constant(NIL);
        let function = self.ir.add_function(Function {
            arglist,
            parameters: Vec::new(),
            arity: self.lexical.then_some(parameters.arity),
            doc,
            interactive,
            body: placeholder,
            captures: Vec::new(),
        });
        let outer = std::mem::replace(&mut self.function, function);
        let (start, bound) = (self.names.len(), self.bound_mark());
        let mut variables = Vec::new();
        for &name in &parameters.names {
            if self.lexical {
                let id = self.ir.add_variable(function);
                self.ir.function_mut(function).parameters.push(id);
                self.names.push((name, Meaning::Lexical(id)));
                variables.push((name, id));
            } else {
                self.note_bound(name);
            }
        }
        let unused = self.is_unused();
        self.set_unused(false);
        let body = self.body(body)?;
        self.set_unused(unused);
        self.check_use(arglist, &variables, true);
        self.names.truncate(start);
        self.unbind(bound);
        self.function = outer;
        self.ir.function_mut(function).body = body;
        Ok(self.ir.add(Node::Lambda(function)))
    }
}

/// Take a lambda list apart.
pub(super) fn parameters<'ob>(arglist: Object<'ob>, cx: &'ob Context) -> Result<Parameters<'ob>, Throw> {
    let mut names = Vec::new();
    let mut arity = Arity { mandatory: 0, positional: 0, rest: false };
    let mut optional = false;
    let mut elements = list_elements(arglist, cx)?.into_iter();
    while let Some(name) = elements.next() {
        if name.as_symbol().is_none() {
            return Err(error_with("Invalid lambda variable", name, cx));
        }
        if name == sym::AND_REST {
            let Some(rest) = elements.next() else { return Err(error("&rest without variable name", cx)) };
            if [sym::AND_OPTIONAL, sym::AND_REST].contains(&rest) || elements.next().is_some() {
                return Err(error("Garbage following &rest VAR in lambda-list", cx));
            }
            names.push(rest);
            arity.rest = true;
            break;
        }
        if name == sym::AND_OPTIONAL {
            if optional {
                return Err(error("Duplicate &optional", cx));
            }
            optional = true;
            continue;
        }
        names.push(name);
        arity.positional += 1;
        arity.mandatory += usize::from(!optional);
    }
    if arity.mandatory > 127 {
        return Err(error("Too many (>127) mandatory arguments", cx));
    }
    Ok(Parameters { names, arity })
}
