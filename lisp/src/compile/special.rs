//! How each special form becomes nodes.

use super::convert::{Converter, is_constant_symbol, list_elements};
use super::ir::{Documentation, Handler, Node, NodeId, Saved, VarId, Variable};
use super::warn::{Kind, printed, quoted};
use crate::form::{car_safe, cdr_safe, symbol};
use tenure_gc::{NIL, Object, T, Throw};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{error, error_with, wrong_type};
use tenure_vm::sym;

/// A special form.
pub(super) struct Special {
    pub(super) head: Object<'static>,
    /// The least number of arguments.
    pub(super) least: usize,
    pub(super) convert: Convert,
}

/// Makes the node of a form from the form and its arguments.
type Convert = for<'c, 'ob> fn(&'c mut Converter<'ob>, Object<'ob>, &[Object<'ob>]) -> Result<NodeId, Throw>;

const fn special(head: Object<'static>, least: usize, convert: Convert) -> Special {
    Special { head, least, convert }
}

/// The special forms.
pub(super) const SPECIAL: &[Special] = &[
    special(sym::QUOTE, 1, |c, form, args| {
        c.only(form, args)?;
        Ok(c.constant(args[0]))
    }),
    special(sym::FUNCTION, 1, |c, form, args| {
        c.only(form, args)?;
        if car_safe(args[0]) == sym::LAMBDA {
            return c.lambda(args[0]);
        }
        c.check_named(form);
        Ok(c.constant(args[0]))
    }),
    special(sym::PROGN, 0, |c, _, args| c.body(args)),
    special(sym::PROG1, 1, |c, _, args| {
        c.next_unused(c.is_unused());
        let first = c.form(args[0])?;
        let mut rest = Vec::new();
        for &form in &args[1..] {
            c.next_unused(true);
            rest.push(c.form(form)?);
        }
        Ok(if rest.is_empty() { first } else { c.ir.add(Node::Prog1(first, rest)) })
    }),
    special(sym::IF, 2, |c, _, args| {
        let condition = c.form(args[0])?;
        c.next_unused(c.is_unused());
        let then = c.form(args[1])?;
        let or_else = c.body(&args[2..])?;
        Ok(c.ir.add(Node::If(condition, then, or_else)))
    }),
    special(sym::AND, 0, |c, _, args| c.junction(args, T, Node::And)),
    special(sym::OR, 0, |c, _, args| c.junction(args, NIL, Node::Or)),
    special(sym::COND, 0, |c, _, args| c.cond(args)),
    special(sym::WHILE, 1, |c, _, args| {
        let condition = c.form(args[0])?;
        c.set_unused(true);
        let body = c.body(&args[1..])?;
        Ok(c.ir.add(Node::While(condition, body)))
    }),
    special(sym::SETQ, 0, |c, form, args| c.setq(form, args)),
    special(sym::LET, 1, |c, _, args| c.bind_values(args[0], &args[1..], true)),
    special(sym::LET_STAR, 1, |c, _, args| c.bind_values(args[0], &args[1..], false)),
    special(sym::DEFVAR, 1, |c, _, args| c.defvar(args)),
    special(sym::DEFCONST, 2, |c, _, args| c.defconst(args)),
    special(sym::CATCH, 1, |c, _, args| {
        let tag = c.form(args[0])?;
        let body = c.inner_body(&args[1..])?;
        Ok(c.ir.add(Node::Catch(tag, body)))
    }),
    special(sym::UNWIND_PROTECT, 1, |c, _, args| {
        c.next_unused(c.is_unused());
        let body = c.form(args[0])?;
        if args.len() == 1 {
            return Ok(body);
        }
        let handler = c.function_of(NIL, Documentation::None, None, &args[1..])?;
        Ok(c.ir.add(Node::UnwindProtect(body, handler)))
    }),
    special(sym::CONDITION_CASE, 2, |c, _, args| c.condition_case(args[0], args[1], &args[2..])),
    special(sym::SAVE_EXCURSION, 0, |c, form, args| {
        if args.first().is_some_and(|&first| car_safe(first) == symbol("set-buffer", c.cx)) {
            let text = || format!("Use {} rather than save-excursion+set-buffer", quoted("with-current-buffer"));
            c.warn(Kind::Suspicious, form, sym::SAVE_EXCURSION, text);
        }
        c.save(Saved::Excursion, args)
    }),
    special(sym::SAVE_RESTRICTION, 0, |c, _, args| c.save(Saved::Restriction, args)),
    special(sym::SAVE_CURRENT_BUFFER, 0, |c, _, args| c.save(Saved::CurrentBuffer, args)),
    special(sym::INTERACTIVE, 0, |c, _, _| Ok(c.constant(NIL))),
];

impl<'ob> Converter<'ob> {
    fn only(&self, form: Object<'ob>, args: &[Object<'ob>]) -> Result<(), Throw> {
        if args.len() == 1 { Ok(()) } else { Err(self.wrong_number(car_safe(form), args.len())) }
    }

    fn junction(
        &mut self,
        args: &[Object<'ob>],
        empty: Object<'ob>,
        make: fn(Vec<NodeId>) -> Node<'ob>,
    ) -> Result<NodeId, Throw> {
        let mut nodes = Vec::with_capacity(args.len());
        for (i, &form) in args.iter().enumerate() {
            self.next_unused(i + 1 == args.len() && self.is_unused());
            nodes.push(self.form(form)?);
        }
        Ok(match nodes[..] {
            [] => self.constant(empty),
            [one] => one,
            _ => self.ir.add(make(nodes)),
        })
    }

    /// A chain of conditions.
    fn cond(&mut self, clauses: &[Object<'ob>]) -> Result<NodeId, Throw> {
        let mut parts = Vec::new();
        for &clause in clauses {
            let elements = list_elements(clause, self.cx)?;
            let condition = match elements.first() {
                Some(&form) => self.form(form)?,
                None => continue,
            };
            let body = if elements.len() > 1 { Some(self.body(&elements[1..])?) } else { None };
            parts.push((condition, body));
        }
        let mut chain = None;
        for (condition, body) in parts.into_iter().rev() {
            chain = Some(match (body, chain) {
                (None, None) => condition,
                (None, Some(rest)) => self.ir.add(Node::Or(vec![condition, rest])),
                (Some(body), rest) => {
                    let rest = rest.unwrap_or_else(|| self.constant(NIL));
                    self.ir.add(Node::If(condition, body, rest))
                }
            });
        }
        Ok(chain.unwrap_or_else(|| self.constant(NIL)))
    }

    fn setq(&mut self, form: Object<'ob>, args: &[Object<'ob>]) -> Result<NodeId, Throw> {
        if args.len() % 2 == 1 {
            let cx = self.cx;
            self.warn(Kind::Other, form, sym::SETQ, || format!("malformed setq form: {}", printed(form, cx)));
            // What evaluating it gives.
            let count = self.constant(Object::fixnum(args.len() as i64));
            let (name, condition) = (self.constant(sym::SETQ), self.constant(sym::WRONG_NUMBER_OF_ARGUMENTS));
            let data = self.ir.add(Node::Call(symbol("list", cx), vec![name, count]));
            return Ok(self.ir.add(Node::Call(symbol("signal", cx), vec![condition, data])));
        }
        let mut nodes = Vec::new();
        for pair in args.chunks_exact(2) {
            <tenure_gc::Symbol<'_>>::from_lisp(pair[0], self.cx)?;
            let value = self.form(pair[1])?;
            let variable = self.variable(pair[0]);
            match variable {
                Variable::Lexical(id) => self.ir.variable_mut(id).mutated = true,
                Variable::Dynamic(name) if is_constant_symbol(name, self.cx) => {
                    self.check_constant(name, "variable reference to");
                }
                Variable::Dynamic(name) => self.check_free(name, true),
            }
            nodes.push(self.ir.add(Node::Write(variable, value)));
        }
        Ok(match nodes[..] {
            [] => self.constant(NIL),
            [one] => one,
            _ => self.ir.add(Node::Progn(nodes)),
        })
    }

    /// Forms whose local declarations end with them.
    pub(super) fn inner_body(&mut self, forms: &[Object<'ob>]) -> Result<NodeId, Throw> {
        let start = self.names.len();
        let body = self.body(forms)?;
        self.names.truncate(start);
        Ok(body)
    }

    /// `let`, or `let*` if not `parallel`.
    fn bind_values(&mut self, list: Object<'ob>, body: &[Object<'ob>], parallel: bool) -> Result<NodeId, Throw> {
        let (start, bound) = (self.names.len(), self.bound_mark());
        let mut bindings = Vec::new();
        for element in list_elements(list, self.cx)? {
            if let Some(node) = self.misshapen(element)? {
                self.names.truncate(start);
                self.unbind(bound);
                return Ok(node);
            }
            let (name, form) = self.binding_parts(element)?;
            let name = <tenure_gc::Symbol<'_>>::from_lisp(name, self.cx)?;
            let value = self.form(form)?;
            let variable = self.new_variable(name);
            if is_constant_symbol(name.into(), self.cx) {
                self.check_constant(name.into(), "attempt to let-bind");
            }
            if !parallel {
                self.bind(name.into(), variable);
            }
            bindings.push((name, variable, value));
        }
        if parallel {
            bindings.iter().for_each(|&(name, variable, _)| self.bind(name.into(), variable));
        }
        let body = self.body(body)?;
        let lexical = |&(name, variable, _): &(tenure_gc::Symbol<'ob>, Variable<'ob>, NodeId)| match variable {
            Variable::Lexical(id) => Some((Object::from(name), id)),
            Variable::Dynamic(_) => None,
        };
        let variables: Vec<_> = bindings.iter().filter_map(lexical).collect();
        self.check_use(list, &variables, false);
        self.names.truncate(start);
        self.unbind(bound);
        if bindings.is_empty() {
            return Ok(body);
        }
        let bindings = bindings.into_iter().map(|(_, variable, value)| (variable, value)).collect();
        Ok(self.ir.add(Node::Let { bindings, parallel, body }))
    }

    /// What stands for a `let` one of whose variables has several values, where that is warned of: the error that
    /// evaluating it gives.
    fn misshapen(&mut self, element: Object<'ob>) -> Result<Option<NodeId>, Throw> {
        let cx = self.cx;
        if self.watch.is_none() || cdr_safe(cdr_safe(element)).as_cons().is_none() {
            return Ok(None);
        }
        let text = || format!("Malformed {} binding: {}", quoted("let"), printed(element, cx));
        self.warn(Kind::Other, element, car_safe(element), text);
        let message = cx.string_from_str("`let' bindings can have only one value-form");
        let data = cx.cons(message.into(), element);
        let (condition, data) = (self.constant(sym::ERROR), self.constant(data.into()));
        Ok(Some(self.ir.add(Node::Call(symbol("signal", cx), vec![condition, data]))))
    }

    /// The name and the value form of an element of a `let` list.
    fn binding_parts(&self, element: Object<'ob>) -> Result<(Object<'ob>, Object<'ob>), Throw> {
        if element.as_symbol().is_some() {
            return Ok((element, NIL));
        }
        let cell = element.as_cons().ok_or_else(|| wrong_type(sym::LISTP, element, self.cx))?;
        let rest = cell.cdr();
        match rest.as_cons() {
            None if rest.is_nil() => Ok((cell.car(), NIL)),
            None => Err(wrong_type(sym::LISTP, rest, self.cx)),
            Some(value) if value.cdr().is_nil() => Ok((cell.car(), value.car())),
            Some(_) => Err(error_with("`let' bindings can have only one value-form", element, self.cx)),
        }
    }

    /// `(NAME 'VARIABLE ARGUMENTS...)`
    fn call_on(&mut self, name: &str, variable: Object<'ob>, arguments: &[NodeId]) -> NodeId {
        let mut nodes = vec![self.constant(variable)];
        nodes.extend(arguments);
        self.ir.add(Node::Call(symbol(name, self.cx), nodes))
    }

    /// A `defvar` inside code: the variable becomes special when that runs, as it does in the evaluator.
    fn defvar(&mut self, args: &[Object<'ob>]) -> Result<NodeId, Throw> {
        let variable = Object::from(<tenure_gc::Symbol<'_>>::from_lisp(args[0], self.cx)?);
        if args.len() == 1 {
            self.declare_special(variable);
            return Ok(self.constant(variable));
        }
        self.check_definition(args)?;
        let value = self.form(args[1])?;
        let doc = args.get(2).copied().unwrap_or(NIL);
        let doc = self.constant(doc);
        // Set the value outside of all bindings, if there is none.
        let declare = self.call_on("internal--define-uninitialized-variable", variable, &[doc]);
        let get = self.call_on("default-toplevel-value", variable, &[]);
        let set = self.call_on("set-default-toplevel-value", variable, &[value]);
        let handler = Handler { conditions: self.condition_list(sym::VOID_VARIABLE), variable: None, body: set };
        let initialise = self.ir.add(Node::ConditionCase { body: get, handlers: vec![handler], success: None });
        let name = self.constant(variable);
        Ok(self.ir.add(Node::Progn(vec![declare, initialise, name])))
    }

    fn defconst(&mut self, args: &[Object<'ob>]) -> Result<NodeId, Throw> {
        let variable = Object::from(<tenure_gc::Symbol<'_>>::from_lisp(args[0], self.cx)?);
        self.check_definition(args)?;
        let value = self.form(args[1])?;
        let doc = args.get(2).copied().unwrap_or(NIL);
        let doc = self.constant(doc);
        let declare = self.call_on("internal--define-uninitialized-variable", variable, &[doc]);
        let set = self.call_on("set-default-toplevel-value", variable, &[value]);
        let (property, yes) = (self.constant(sym::RISKY_LOCAL_VARIABLE), self.constant(T));
        let mark = self.call_on("put", variable, &[property, yes]);
        let name = self.constant(variable);
        Ok(self.ir.add(Node::Progn(vec![declare, set, mark, name])))
    }

    fn check_definition(&self, args: &[Object<'ob>]) -> Result<(), Throw> {
        if args.len() > 3 { Err(error("Too many arguments", self.cx)) } else { Ok(()) }
    }

    fn condition_case(
        &mut self,
        name: Object<'ob>,
        body: Object<'ob>,
        clauses: &[Object<'ob>],
    ) -> Result<NodeId, Throw> {
        <tenure_gc::Symbol<'_>>::from_lisp(name, self.cx)?;
        self.next_unused(self.is_unused());
        let body = self.form(body)?;
        let (mut handlers, mut success) = (Vec::new(), None);
        let mut caught: Vec<(Object<'ob>, VarId)> = Vec::new();
        for &clause in clauses {
            if clause.is_nil() {
                continue;
            }
            if clause.as_cons().is_none() {
                let text = crate::print::print_to_text(clause, true, self.cx)?;
                let message = format!("Invalid condition handler: {}", String::from_utf8_lossy(&text));
                return Err(error(&message, self.cx));
            }
            let (conditions, forms) = (car_safe(clause), list_elements(cdr_safe(clause), self.cx)?);
            if conditions == sym::SUCCESS && forms.is_empty() {
                success = None;
                continue;
            }
            let (start, bound) = (self.names.len(), self.bound_mark());
            let variable = (!name.is_nil()).then(|| self.handler_variable(name));
            let body = self.body(&forms)?;
            if let Some(Variable::Lexical(id)) = variable {
                caught.push((name, id));
            }
            self.names.truncate(start);
            self.unbind(bound);
            if conditions == sym::SUCCESS {
                success = Some((variable, body));
            } else {
                handlers.push(Handler { conditions: self.condition_list(conditions), variable, body });
            }
        }
        // One handler that uses the variable is enough.
        let is_used = caught.iter().any(|&(_, id)| self.ir.variable(id).read);
        if !is_used && let Some(&one) = caught.first() {
            self.check_use(NIL, &[one], false);
        }
        Ok(self.ir.add(Node::ConditionCase { body, handlers, success }))
    }

    /// The conditions of a handler as `pushconditioncase` wants them: always a list.
    fn condition_list(&self, conditions: Object<'ob>) -> Object<'ob> {
        if conditions.as_cons().is_some() { conditions } else { self.cx.list(&[conditions]) }
    }

    fn save(&mut self, saved: Saved, args: &[Object<'ob>]) -> Result<NodeId, Throw> {
        let body = self.inner_body(args)?;
        Ok(self.ir.add(Node::Save(saved, body)))
    }
}
