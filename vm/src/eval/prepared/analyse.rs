//! From the source of a function to its prepared form.
//!
//! Scopes are followed as the evaluator will: what the function's parameters, `let` and `condition-case` bind lexically has
//! a slot, everything else is looked up.  A form that is malformed, a macro call or otherwise out of the ordinary is left
//! to the evaluator of lists, which will find the environment that it expects.

use super::form::{Binding, Body, Child, Form, HARMLESS, Handler, Kind, Node, OPS, Op, Site, Span, Target};
use crate::eval;
use crate::eval::forms::binds_lexically;
use crate::sym;
use crate::tails::tails;
use std::cell::Cell;
use tenure_gc::{Cons, Context, NIL, Object, Subr, SubrInfo, T, Write};

/// How deep forms may be within each other.
const DEEPEST: u32 = 100;
/// How many forms a function may have.
const MOST_FORMS: usize = 4096;
/// How many elements a form may have.
const LONGEST: usize = 1000;
/// How many variables it may bind.
const MOST_SLOTS: usize = 400;
/// How many names may stand for each other.
const MOST_ALIASES: usize = 4;
/// How many arguments a call may have whose evaluation has no window of its own.
const MOST_QUIET_ARGUMENTS: usize = 8;

/// A prepared function and the words that it refers to.
pub(super) struct Analysis<'ob> {
    pub(super) body: Body,
    pub(super) words: Vec<Object<'ob>>,
}

/// Prepare `(ARGUMENTS . BODY)` of a function with a lexical environment; `None` if there is something odd about it.
pub(super) fn analyse<'ob>(lambda: Cons<'ob>, env: Object<'ob>, cx: &'ob Context) -> Option<Analysis<'ob>> {
    // A constant that is a lexical variable would be no constant.
    if tails(env).filter_map(|link| link.car().as_cons()).any(|cell| is_constant(cell.car(), cx)) {
        return None;
    }
    let mut builder = Builder { cx, env, ..Builder::new(cx) };
    builder.link(lambda);
    let parameters = builder.parameters(lambda.car())?;
    let first = builder.list(lambda.cdr())?;
    let (progn, _) = builder.progn(lambda.cdr(), first.start, NONE, 0);
    Some(builder.finish(parameters, progn))
}

/// The parent of a form that is in no other.
pub(super) const NONE: u32 = u32::MAX;

/// Whether a symbol is its own value for ever.
fn is_constant(object: Object<'_>, cx: &Context) -> bool {
    object.as_symbol().is_some_and(|symbol| symbol.write(cx) == Write::Constant && symbol.value(cx) == object)
}

/// The parameters of a function, as the body keeps them.
struct Parameters {
    names: Box<[u32]>,
    required: usize,
    positional: usize,
    has_rest: bool,
}

struct Builder<'ob> {
    cx: &'ob Context,
    /// The function's own environment.
    env: Object<'ob>,
    links: Vec<[Object<'ob>; 3]>,
    guards: Vec<[Object<'ob>; 2]>,
    constants: Vec<Object<'ob>>,
    forms: Vec<Form>,
    children: Vec<Child>,
    bindings: Vec<Binding>,
    targets: Vec<Target>,
    handlers: Vec<Handler>,
    /// Lexical variables in force, innermost last, with their slots.
    scope: Vec<(Object<'ob>, u32)>,
    /// How many calls there are of functions by name.
    sites: u32,
    slots: usize,
}

/// What is known of some forms together.
#[derive(Clone, Copy)]
struct Traits {
    /// Of each, its evaluation neither collects nor calls Lisp.
    quiet: bool,
    /// The same, and none but the last does anything to what was checked before.
    harmless: bool,
    /// The same, of the last too.
    all_harmless: bool,
    height: u32,
}

impl<'ob> Builder<'ob> {
    fn new(cx: &'ob Context) -> Builder<'ob> {
        Builder {
            cx,
            env: NIL,
            links: Vec::new(),
            guards: Vec::new(),
            constants: Vec::new(),
            forms: Vec::new(),
            children: Vec::new(),
            bindings: Vec::new(),
            targets: Vec::new(),
            handlers: Vec::new(),
            scope: Vec::new(),
            sites: 0,
            slots: 0,
        }
    }

    fn finish(self, parameters: Parameters, progn: Span) -> Analysis<'ob> {
        let first_guard = 3 * self.links.len();
        let mut words: Vec<Object<'ob>> = self.links.iter().flatten().copied().collect();
        words.extend(self.guards.iter().flatten());
        let first_constant = words.len();
        words.extend(&self.constants);
        let body = Body {
            forms: self.forms.into(),
            children: self.children.into(),
            bindings: self.bindings.into(),
            targets: self.targets.into(),
            handlers: self.handlers.into(),
            sites: (0..self.sites).map(|_| Site::default()).collect(),
            handle: 0,
            first_guard,
            first_constant,
            links: self.links.len() as u32,
            guards: self.guards.len() as u32,
            parameters: parameters.names,
            required: parameters.required,
            positional: parameters.positional,
            has_rest: parameters.has_rest,
            progn,
            slots: self.slots,
            epoch: Cell::new(0),
            is_stale: Cell::new(false),
            preparations: 0,
        };
        Analysis { body, words }
    }

    fn constant(&mut self, object: Object<'ob>) -> u32 {
        self.constants.push(object);
        self.constants.len() as u32 - 1
    }

    fn link(&mut self, cons: Cons<'ob>) {
        self.links.push([cons.into(), cons.car(), cons.cdr()]);
    }

    fn span_from(&self, start: u32) -> Span {
        Span { start, len: self.links.len() as u32 - start }
    }

    /// Link the conses of a proper list.
    fn list(&mut self, list: Object<'ob>) -> Option<Span> {
        let start = self.links.len() as u32;
        let mut walk = tails(list);
        for cons in walk.by_ref().take(LONGEST) {
            self.link(cons);
        }
        walk.end().is_nil().then(|| self.span_from(start))
    }

    /// A new slot for a variable.
    fn slot(&mut self, name: Object<'ob>) -> u32 {
        self.slots += 1;
        let slot = self.slots as u32 - 1;
        self.scope.push((name, slot));
        slot
    }

    fn parameters(&mut self, list: Object<'ob>) -> Option<Parameters> {
        let (mut names, mut required, mut optional, mut rest) = (Vec::new(), 0, false, false);
        self.list(list)?;
        let mut walk = tails(list).map(|cell| cell.car());
        while let Some(name) = walk.next() {
            if name == sym::AND_OPTIONAL && !optional && !rest {
                optional = true;
                continue;
            }
            rest = name == sym::AND_REST;
            let name = if rest { walk.next()? } else { name };
            if name == sym::AND_OPTIONAL || name == sym::AND_REST || is_constant(name, self.cx) {
                return None;
            }
            name.as_symbol()?;
            required += usize::from(!optional && !rest);
            names.push(self.constant(name));
            self.slot(name);
            if rest && walk.next().is_some() || names.len() > MOST_SLOTS {
                return None;
            }
        }
        let positional = names.len() - usize::from(rest);
        Some(Parameters { names: names.into(), required, positional, has_rest: rest })
    }

    /// What an object is as a form.
    fn node(&mut self, object: Object<'ob>, parent: u32, depth: u32) -> Node {
        if let Some(form) = object.as_cons() {
            let node = if depth < DEEPEST && self.forms.len() < MOST_FORMS && self.slots < MOST_SLOTS {
                self.form(form, parent, depth + 1)
            } else {
                None
            };
            return node.unwrap_or_else(|| Node::General(self.constant(object)));
        }
        if object.is_nil() {
            return Node::Nil;
        }
        if let Some(n) = object.as_fixnum().and_then(|n| i32::try_from(n).ok()) {
            return Node::Fixnum(n);
        }
        if object.as_symbol().is_none() || is_constant(object, self.cx) {
            return Node::Constant(self.constant(object));
        }
        match self.local(object) {
            Some(slot) => Node::Local(slot),
            None => Node::Free(self.constant(object)),
        }
    }

    fn local(&self, name: Object<'_>) -> Option<u32> {
        self.scope.iter().rev().find(|(n, _)| *n == name).map(|(_, slot)| *slot)
    }

    /// The forms of a list whose links begin at `link`.
    fn progn(&mut self, list: Object<'ob>, link: u32, parent: u32, depth: u32) -> (Span, Traits) {
        let mut children = Vec::new();
        for (i, cell) in tails(list).enumerate() {
            let node = self.node(cell.car(), parent, depth);
            children.push(Child { node, link: link + i as u32 });
        }
        self.add_children(&children)
    }

    fn add_children(&mut self, children: &[Child]) -> (Span, Traits) {
        let span = Span { start: self.children.len() as u32, len: children.len() as u32 };
        self.children.extend_from_slice(children);
        (span, self.traits(children))
    }

    fn traits(&self, children: &[Child]) -> Traits {
        let mut traits = Traits { quiet: true, harmless: true, all_harmless: true, height: 0 };
        for child in children {
            traits.harmless &= traits.all_harmless;
            match child.node {
                Node::Constant(_) | Node::Fixnum(_) | Node::Nil | Node::Local(_) | Node::Free(_) => {}
                Node::General(_) => (traits.quiet, traits.all_harmless) = (false, false),
                Node::Form(i) | Node::Quiet(i) => {
                    let form = &self.forms[i as usize];
                    traits.quiet &= form.is_quiet;
                    traits.all_harmless &= form.is_harmless;
                    traits.height = traits.height.max(form.height);
                }
            }
        }
        traits.harmless &= traits.quiet;
        traits
    }

    /// Whether what a form does itself leaves everything that was checked as it was.
    fn is_harmless(&self, kind: Kind, guards: Span) -> bool {
        let Kind::Primitive { op: Op::Call, .. } = kind else { return true };
        let function = guards.of(&self.guards).last().map_or(NIL, |guard| guard[1]);
        let name = function.as_subr().map_or("", |s| s.info(self.cx).name);
        HARMLESS.contains(&name)
    }

    fn form(&mut self, form: Cons<'ob>, parent: u32, depth: u32) -> Option<Node> {
        let head = form.car().as_symbol()?;
        let function = head.function(self.cx);
        let args = form.cdr();
        let n = tails(args).take(LONGEST).count();
        let marks = (self.links.len(), self.guards.len(), self.forms.len(), self.children.len(), self.scope.len());
        let id = self.forms.len() as u32;
        let start = self.links.len() as u32;
        self.list(form.into()).filter(|_| n < LONGEST).or_else(|| {
            self.links.truncate(marks.0);
            None
        })?;
        let links = self.span_from(start);
        let guard = self.guards.len() as u32;
        self.forms.push(Form {
            kind: Kind::And,
            links,
            guards: Span::default(),
            children: Span::default(),
            parent,
            height: 1,
            is_quiet: false,
            is_harmless: false,
        });
        self.guards.push([head.into(), function]);
        let function = self.follow_aliases(function);
        let guards = Span { start: guard, len: self.guards.len() as u32 - guard };
        let made = match function.as_subr() {
            Some(subr) => {
                let info = subr.info(self.cx);
                match info.function {
                    Subr::Special(_) => self.special(info.name, args, n, start + 1, id, depth),
                    _ => self.primitive(&info, args, n, start + 1, id, depth),
                }
            }
            None if is_macro(function) => None,
            None => {
                let (children, _) = self.progn(args, start + 1, id, depth);
                self.sites += 1;
                Some((Kind::Call { site: self.sites - 1 }, children, false))
            }
        };
        self.scope.truncate(marks.4);
        let Some((kind, children, is_quiet)) = made else {
            // What was made of it is of no use; the slots are, since they may be in use further out.
            self.links.truncate(marks.0);
            self.guards.truncate(marks.1);
            self.forms.truncate(marks.2);
            self.children.truncate(marks.3);
            return None;
        };
        let height = 1 + self.tallest(children);
        let is_harmless = is_quiet && self.is_harmless(kind, guards) && self.all_harmless(children);
        self.forms[id as usize] = Form {
            kind,
            links,
            guards: if function.as_subr().is_some() { guards } else { Span::default() },
            children,
            parent,
            height,
            is_quiet,
            is_harmless,
        };
        Some(if is_quiet { Node::Quiet(id) } else { Node::Form(id) })
    }

    fn all_harmless(&self, children: Span) -> bool {
        self.traits(children.of(&self.children)).all_harmless
    }

    /// The function that a function cell leads to, as far as the evaluation of the name will follow it for certain.
    fn follow_aliases(&mut self, mut function: Object<'ob>) -> Object<'ob> {
        for _ in 0..MOST_ALIASES {
            let Some(name) = function.as_symbol().filter(|_| !function.is_nil()) else { break };
            function = name.function(self.cx);
            self.guards.push([name.into(), function]);
        }
        function
    }

    /// The greatest height of some forms.
    fn tallest(&self, children: Span) -> u32 {
        let height = |child: &Child| match child.node {
            Node::Form(i) | Node::Quiet(i) => self.forms[i as usize].height,
            _ => 0,
        };
        children.of(&self.children).iter().map(height).max().unwrap_or(0)
    }

    fn primitive(
        &mut self,
        info: &SubrInfo,
        args: Object<'ob>,
        n: usize,
        link: u32,
        id: u32,
        depth: u32,
    ) -> Option<(Kind, Span, bool)> {
        if !eval::arity_fits(info, n) {
            return None;
        }
        let (children, traits) = self.progn(args, link, id, depth);
        let op = OPS.iter().find(|row| row.0 == info.name && row.1 == n).map_or(Op::Call, |row| row.2);
        let wanted = eval::padded(info, n);
        let is_pure = !matches!(info.function, Subr::Call(_) | Subr::Special(_)) && wanted <= MOST_QUIET_ARGUMENTS;
        let kind = Kind::Primitive { op, function: info.function, wanted: wanted as u32 };
        Some((kind, children, is_pure && traits.all_harmless))
    }

    fn special(
        &mut self,
        name: &str,
        args: Object<'ob>,
        n: usize,
        link: u32,
        id: u32,
        depth: u32,
    ) -> Option<(Kind, Span, bool)> {
        let first = args.as_cons();
        let none = Span::default();
        let kind = match name {
            "quote" if n == 1 => return Some((Kind::Quote(self.constant(first?.car())), none, true)),
            "function" if n == 1 => return self.function(first?.car()),
            "if" if n >= 2 => Kind::If,
            "and" => Kind::And,
            "or" => Kind::Or,
            "progn" | "save-current-buffer" | "save-excursion" | "save-restriction" => Kind::Progn,
            "prog1" if n >= 1 => Kind::Prog1,
            "while" if n >= 1 => Kind::While,
            "catch" if n >= 1 => Kind::Catch,
            "cond" => return self.cond(args, link, id, depth),
            "setq" if n >= 2 && n.is_multiple_of(2) => return self.setq(args, link, id, depth),
            "let" | "let*" if n >= 1 => return self.bind(name == "let*", first?, link, id, depth),
            "unwind-protect" if n >= 1 => {
                let node = self.node(first?.car(), id, depth);
                let (children, _) = self.add_children(&[Child { node, link }]);
                return Some((Kind::UnwindProtect(self.constant(first?.cdr())), children, false));
            }
            "condition-case" if n >= 2 => return self.condition_case(first?, link, id, depth),
            _ => return None,
        };
        let (children, traits) = self.progn(args, link, id, depth);
        let is_quiet = match kind {
            Kind::While | Kind::Catch => false,
            Kind::Prog1 => traits.all_harmless,
            Kind::If => {
                // The last thing that is done is either the second form or the last one.
                let all = children.of(&self.children).to_vec();
                self.traits(&all[..1]).all_harmless && self.traits(&all[1..2]).quiet && self.traits(&all[2..]).harmless
            }
            _ => traits.harmless,
        };
        Some((kind, children, is_quiet))
    }

    /// `(function X)`: a closure, if that is what it makes without evaluating anything.
    fn function(&mut self, object: Object<'ob>) -> Option<(Kind, Span, bool)> {
        let Some(lambda) = object.as_cons().filter(|c| c.car() == sym::LAMBDA) else {
            return Some((Kind::Quote(self.constant(object)), Span::default(), true));
        };
        self.link(lambda);
        let body = lambda.cdr().as_cons();
        if let Some(body) = body {
            self.link(body);
            if let Some(forms) = body.cdr().as_cons() {
                self.link(forms);
                if forms.car().as_cons().is_some_and(|c| c.car() == sym::C_DOCUMENTATION) {
                    return None;
                }
            }
        }
        Some((Kind::Lambda(self.constant(lambda.cdr())), Span::default(), true))
    }

    fn cond(&mut self, args: Object<'ob>, link: u32, id: u32, depth: u32) -> Option<(Kind, Span, bool)> {
        let mut clauses = Vec::new();
        let (mut is_quiet, mut before) = (true, true);
        for (i, cell) in tails(args).enumerate() {
            let clause = self.forms.len() as u32;
            // The clause comes before its forms.
            let own = cell.car().as_cons().and_then(|c| self.list(c.into()))?;
            self.forms.push(Form {
                kind: Kind::Clause,
                links: own,
                guards: Span::default(),
                children: Span::default(),
                parent: id,
                height: 0,
                is_quiet: false,
                is_harmless: false,
            });
            let (children, traits) = self.progn(cell.car(), own.start, id, depth);
            let condition = children.of(&self.children)[..1].to_vec();
            // A clause is tried only after the conditions of the others.
            is_quiet &= before && traits.harmless;
            before &= self.traits(&condition).all_harmless;
            let form = &mut self.forms[clause as usize];
            (form.children, form.height) = (children, traits.height);
            (form.is_quiet, form.is_harmless) = (traits.harmless, traits.all_harmless);
            clauses.push(Child { node: Node::Form(clause), link: link + i as u32 });
        }
        let (children, _) = self.add_children(&clauses);
        Some((Kind::Cond, children, is_quiet))
    }

    fn setq(&mut self, args: Object<'ob>, link: u32, id: u32, depth: u32) -> Option<(Kind, Span, bool)> {
        let (mut children, mut targets) = (Vec::new(), Vec::new());
        let conses: Vec<Cons<'ob>> = tails(args).collect();
        for (i, pair) in conses.chunks(2).enumerate() {
            let name = pair[0].car();
            name.as_symbol().filter(|_| !is_constant(name, self.cx))?;
            let node = self.node(pair[1].car(), id, depth);
            children.push(Child { node, link: link + 2 * i as u32 + 1 });
            targets.push(match self.local(name) {
                Some(slot) => Target::Local(slot),
                None => Target::Free(self.constant(name)),
            });
        }
        let is_quiet = targets.iter().all(|t| matches!(t, Target::Local(_)));
        let first = self.targets.len() as u32;
        self.targets.extend(targets);
        let (children, traits) = self.add_children(&children);
        Some((Kind::Setq { targets: first }, children, is_quiet && traits.all_harmless))
    }

    fn bind(
        &mut self,
        in_sequence: bool,
        args: Cons<'ob>,
        link: u32,
        id: u32,
        depth: u32,
    ) -> Option<(Kind, Span, bool)> {
        let (list, forms) = (args.car(), args.cdr());
        let first = self.list(list)?.start;
        let outer = self.scope.len();
        let (mut children, mut bindings, mut bound) = (Vec::new(), Vec::new(), Vec::new());
        for (i, cell) in tails(list).enumerate() {
            let element = cell.car();
            let start = self.links.len() as u32;
            let (name, value) = match element.as_cons() {
                None => (element, NIL),
                Some(pair) => {
                    let own = self.list(pair.into())?;
                    match own.len {
                        1 => (pair.car(), NIL),
                        2 => (pair.car(), pair.cdr().as_cons()?.car()),
                        _ => return None,
                    }
                }
            };
            let links = self.span_from(start);
            let symbol = name.as_symbol().filter(|_| !is_constant(name, self.cx))?;
            let node = self.node(value, id, depth);
            children.push(Child { node, link: first + i as u32 });
            let is_lexical = binds_lexically(symbol, self.env, self.cx);
            let slot = is_lexical.then(|| self.slot(name));
            if !in_sequence && let Some(entry) = self.scope.pop_if(|_| is_lexical) {
                bound.push(entry);
            }
            bindings.push(Binding { name: self.constant(name), slot, links });
        }
        self.scope.extend(bound);
        let span = Span { start: self.bindings.len() as u32, len: bindings.len() as u32 };
        self.bindings.extend(bindings);
        for (i, cell) in tails(forms).enumerate() {
            let node = self.node(cell.car(), id, depth);
            children.push(Child { node, link: link + 1 + i as u32 });
        }
        self.scope.truncate(outer);
        let (list, forms) = (self.constant(list), self.constant(forms));
        let (children, _) = self.add_children(&children);
        let kind = if in_sequence {
            Kind::LetStar { bindings: span, list, forms }
        } else {
            Kind::Let { bindings: span, list, forms }
        };
        Some((kind, children, false))
    }

    fn condition_case(&mut self, args: Cons<'ob>, link: u32, id: u32, depth: u32) -> Option<(Kind, Span, bool)> {
        let variable = args.car();
        let rest = args.cdr().as_cons()?;
        variable.as_symbol().filter(|_| variable.is_nil() || !is_constant(variable, self.cx))?;
        let node = self.node(rest.car(), id, depth);
        let (children, _) = self.add_children(&[Child { node, link: link + 1 }]);
        self.slots += 1;
        let slot = self.slots as u32 - 1;
        if !variable.is_nil() {
            self.scope.push((variable, slot));
        }
        let mut handlers = Vec::new();
        for clause in tails(rest.cdr()) {
            let Some(clause) = clause.car().as_cons() else { continue };
            let own = self.list(clause.cdr())?;
            let (children, _) = self.progn(clause.cdr(), own.start, id, depth);
            handlers.push(Handler { forms: self.constant(clause.cdr()), children });
        }
        let span = Span { start: self.handlers.len() as u32, len: handlers.len() as u32 };
        self.handlers.extend(handlers);
        let (variable, clauses) = (self.constant(variable), self.constant(rest.cdr()));
        Some((Kind::ConditionCase { variable, slot, clauses, handlers: span }, children, false))
    }
}

/// Whether a function cell's content is a macro, or may turn out to be one.
fn is_macro(function: Object<'_>) -> bool {
    let Some(cell) = function.as_cons() else { return false };
    let kind = || tails(function).nth(4).map_or(NIL, |c| c.car());
    cell.car() == sym::MACRO || cell.car() == sym::AUTOLOAD && (kind() == T || kind() == sym::MACRO)
}

/// Whether a function has a loop that is not in a function of its own: then it pays to prepare it at once.
pub(super) fn has_loop(lambda: Cons<'_>) -> bool {
    let mut left = 1 << 11;
    let mut work = vec![lambda.cdr()];
    while let Some(list) = work.pop() {
        let mut rest = list;
        while let Some(cell) = rest.as_cons().filter(|_| left > 0) {
            left -= 1;
            if let Some(form) = cell.car().as_cons() {
                if form.car() == sym::WHILE {
                    return true;
                }
                work.push(cell.car());
            }
            rest = cell.cdr();
        }
    }
    false
}
