//! The printer: objects to text that the reader can read, or that people can (`print.c`).
//!
//! What is left to print is on a stack of its own, so depth is bounded by memory alone.  Text is made under `&Context`
//! into a buffer, in the internal encoding, and only then handed to a stream, which may be a Lisp function.
//!
//! - [`Printer`] prints objects; `atom` knows strings, symbols and numbers, `circle` labels shared structure.
//! - `stream` holds the primitives and where text goes; `error_message` the words for a condition.
//!
//! As in Emacs, an object inside itself is printed as `#N`, its depth, when `print-circle` is nil, and structure nested
//! deeper than 200 levels is then refused.

mod atom;
mod circle;
mod error_message;
mod stream;

pub use error_message::error_message;
pub(crate) use stream::output_to_stderr;
pub use stream::{PRINT_SUBRS, SETTINGS, init, output};

use circle::{Labels, Mark};
use tenure_gc::{Closure, Cons, Context, Kind, NIL, Object, Throw};
use tenure_vm::error::error;
use tenure_vm::fns::hash;
use tenure_vm::lread::setting;
use tenure_vm::sym;

/// The deepest nesting without `print-circle` (`PRINT_CIRCLE`).
const DEEPEST: usize = 200;

/// How much text is written before the memory for it is looked at again.
const CHECK_EVERY: usize = 1 << 20;

/// The printer's variables.
struct Options<'ob> {
    length: Option<i64>,
    level: Option<i64>,
    escape_newlines: bool,
    escape_nonascii: bool,
    escape_multibyte: bool,
    escape_control: bool,
    quoted: bool,
    gensym: bool,
    circle: bool,
    characters: bool,
    charset: Object<'ob>,
    float_format: Object<'ob>,
}

impl<'ob> Options<'ob> {
    fn of(cx: &'ob Context) -> Options<'ob> {
        let flag = |variable| !setting(variable, cx).is_nil();
        Options {
            length: setting(sym::PRINT_LENGTH, cx).as_fixnum().filter(|&n| n >= 0),
            level: setting(sym::PRINT_LEVEL, cx).as_fixnum(),
            escape_newlines: flag(sym::PRINT_ESCAPE_NEWLINES),
            escape_nonascii: flag(sym::PRINT_ESCAPE_NONASCII),
            escape_multibyte: flag(sym::PRINT_ESCAPE_MULTIBYTE),
            escape_control: flag(sym::PRINT_ESCAPE_CONTROL_CHARACTERS),
            quoted: flag(sym::PRINT_QUOTED),
            gensym: flag(sym::PRINT_GENSYM),
            circle: flag(sym::PRINT_CIRCLE),
            characters: flag(sym::PRINT_INTEGERS_AS_CHARACTERS),
            float_format: setting(sym::FLOAT_OUTPUT_FORMAT, cx),
            charset: setting(sym::PRINT_CHARSET_TEXT_PROPERTY, cx),
        }
    }
}

/// What is left to print.
enum Task<'ob> {
    Object(Object<'ob>),
    Text(&'static str),
    /// The innermost container is done.
    Leave,
    List(ListRest<'ob>),
    /// Elements from index `next` to `end` of a container, each after a space.
    Elements {
        of: Elements<'ob>,
        next: usize,
        end: usize,
    },
}

/// The tail of a list, some elements of which are printed.
struct ListRest<'ob> {
    tail: Object<'ob>,
    printed: i64,
    /// Brent's way to find a cycle: a tail to compare with, and when to take a new one.
    tortoise: Object<'ob>,
    power: u64,
    left: u64,
}

/// Something with numbered elements.
#[derive(Clone, Copy)]
enum Elements<'ob> {
    Slots(tenure_gc::Vectorlike<'ob>),
    /// The constants of a closure, seen as the byte-code function that Emacs would have made.
    Closure(Closure<'ob>),
    /// Keys and values of a hash table.
    Table(tenure_gc::HashTable<'ob>),
}

/// Prints objects into a buffer.
pub struct Printer<'ob> {
    text: Vec<u8>,
    escape: bool,
    /// Whether the text goes to a function, which is called with the bytes of a unibyte string as they are.
    to_function: bool,
    options: Options<'ob>,
    tasks: Vec<Task<'ob>>,
    /// The containers around what is printed now.
    open: Vec<Object<'ob>>,
    labels: Labels<'ob>,
    /// How long the text was when the memory for it was last looked at.
    checked: usize,
    cx: &'ob Context,
}

/// The value of `print-number-table`, made if it is no hash table.
fn number_table<'ob>(cx: &'ob Context) -> Result<tenure_gc::HashTable<'ob>, Throw> {
    if let Some(table) = setting(sym::PRINT_NUMBER_TABLE, cx).as_hash_table().filter(|&table| hash::is_native(table)) {
        return Ok(table);
    }
    let parameters = hash::Parameters {
        test: Some(sym::EQ),
        size: None,
        rehash_size: None,
        rehash_threshold: None,
        weakness: None,
        purecopy: None,
    };
    let table = hash::make(parameters, cx)?;
    set_number_table(table.into(), cx)?;
    Ok(table)
}

fn set_number_table(value: Object<'_>, cx: &Context) -> Result<(), Throw> {
    match sym::PRINT_NUMBER_TABLE.as_symbol() {
        Some(variable) => tenure_vm::binding::set_quietly(variable, value, cx),
        None => Ok(()),
    }
}

/// Note which objects `form` has more than once in `print-number-table`.
pub(crate) fn preprocess<'ob>(form: Object<'ob>, cx: &'ob Context) -> Result<(), Throw> {
    Printer::new(true, cx).preprocess(form)
}

/// The text of an object, readable if `escape`, as `prin1-to-string` makes it.
pub fn print_to_text<'ob>(object: Object<'ob>, escape: bool, cx: &'ob Context) -> Result<Vec<u8>, Throw> {
    let mut printer = Printer::new(escape, cx);
    // Text that becomes a string has bytes beyond ASCII as escapes.
    printer.options.escape_nonascii = true;
    printer.print(object)?;
    Ok(printer.finish())
}

impl<'ob> Printer<'ob> {
    /// A printer with the present settings.
    pub fn new(escape: bool, cx: &'ob Context) -> Printer<'ob> {
        Printer {
            text: Vec::new(),
            escape,
            to_function: false,
            options: Options::of(cx),
            tasks: Vec::new(),
            open: Vec::new(),
            labels: Labels::default(),
            checked: 0,
            cx,
        }
    }

    /// The text so far.
    pub fn finish(self) -> Vec<u8> {
        self.text
    }

    /// Print an object.
    pub fn print(&mut self, object: Object<'ob>) -> Result<(), Throw> {
        let continuous = !setting(sym::PRINT_CONTINUOUS_NUMBERING, self.cx).is_nil();
        let kept = self.options.circle && continuous;
        if !continuous && !setting(sym::PRINT_NUMBER_TABLE, self.cx).is_nil() {
            set_number_table(NIL, self.cx)?;
        }
        if self.options.circle {
            let earlier = if kept { Some(number_table(self.cx)?) } else { None };
            self.labels = Labels::find(object, self.options.gensym, earlier, self.cx);
        }
        self.print_tasks(object)?;
        if kept { self.keep_numbers(false) } else { Ok(()) }
    }

    /// Note the labels of an object in `print-number-table`, without printing it.
    fn preprocess(&mut self, object: Object<'ob>) -> Result<(), Throw> {
        if !self.options.circle {
            return Ok(());
        }
        self.labels = Labels::find(object, self.options.gensym, None, self.cx);
        self.keep_numbers(true)
    }

    /// Put the labels into `print-number-table`.
    fn keep_numbers(&self, once: bool) -> Result<(), Throw> {
        let table = number_table(self.cx)?;
        for (object, number) in self.labels.numbers(once) {
            hash::put(table, object, number, self.cx)?;
        }
        Ok(())
    }

    fn print_tasks(&mut self, object: Object<'ob>) -> Result<(), Throw> {
        self.tasks.push(Task::Object(object));
        while let Some(task) = self.tasks.pop() {
            if self.text.len() - self.checked > CHECK_EVERY {
                // Shared structure can print far longer than it is.
                self.checked = self.text.len();
                self.cx.reserve(self.checked)?;
            }
            match task {
                Task::Object(object) => self.object(object)?,
                Task::Text(text) => self.write(text),
                Task::Leave => _ = self.open.pop(),
                Task::List(rest) => self.list_rest(rest),
                Task::Elements { of, next, end } => self.elements(of, next, end),
            }
        }
        Ok(())
    }

    fn write(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    fn object(&mut self, object: Object<'ob>) -> Result<(), Throw> {
        if self.options.circle {
            match self.labels.mark(object, self.open.len(), self.cx) {
                Mark::None => {}
                Mark::First(n) => self.write(&format!("#{n}=")),
                Mark::Again(n) => {
                    self.write(&format!("#{n}#"));
                    return Ok(());
                }
            }
        } else if self.open.len() >= DEEPEST {
            return Err(error("Apparently circular structure being printed", self.cx));
        }
        match object.untag() {
            Kind::Fixnum(n) => self.fixnum(n),
            Kind::Symbol(s) => self.symbol(s),
            Kind::Float(x) => self.float(x.value()),
            Kind::Bignum(n) => self.write(&tenure_vm::number::bignum_value(n).to_string()),
            Kind::String(s) => self.string(s),
            Kind::BoolVector(v) => self.bool_vector(v),
            Kind::Subr(s) => self.write(&format!("#<subr {}>", s.info(self.cx).name)),
            Kind::Finalizer(_) => {
                let function = object.as_vectorlike().and_then(|v| v.slot(0)).unwrap_or(NIL);
                self.write(if function.is_nil() { "#<finalizer used>" } else { "#<finalizer>" });
            }
            Kind::Marker(m) => self.marker(m),
            Kind::Buffer(buffer) => {
                let name = tenure_vm::local::name(buffer);
                let name = name.as_string().map_or(&b""[..], |s| s.bytes());
                if self.escape {
                    self.write("#<buffer ");
                    self.text.extend_from_slice(name);
                    self.write(">");
                } else {
                    self.text.extend_from_slice(name);
                }
            }
            Kind::Overlay(_) => self.write("#<overlay in no buffer>"),
            Kind::Native(n) => self.write(&format!("#<user-ptr {}>", n.index())),
            _ => self.container(object),
        }
        Ok(())
    }

    fn marker(&mut self, marker: tenure_gc::Marker<'ob>) {
        match marker.get(0) {
            Some(buffer) if !buffer.is_nil() => self.write(&format!("#<marker at {}>", marker.position().0)),
            _ => self.write("#<marker in no buffer>"),
        }
    }

    /// Whether an object is around itself without a label; then it is printed as the depth at which it is.
    fn is_inside_itself(&mut self, object: Object<'ob>) -> bool {
        if self.options.circle {
            return false;
        }
        let Some(depth) = self.open.iter().position(|&o| o == object) else { return false };
        self.write(&format!("#{depth}"));
        true
    }

    fn container(&mut self, object: Object<'ob>) {
        if self.is_inside_itself(object) {
            return;
        }
        self.open.push(object);
        self.tasks.push(Task::Leave);
        match object.untag() {
            Kind::Cons(c) => self.cons(c),
            Kind::HashTable(table) => self.hash_table(table),
            Kind::Closure(c) => {
                let slots = c.prototype().as_byte_code().map_or(0, |code| code.len());
                self.bracketed("#[", "]", Elements::Closure(c), slots);
            }
            Kind::SubCharTable(t) => {
                let (depth, first) = t.position();
                // Each of the lowest level begins a line.
                if depth == 3 {
                    self.text.push(b'\n');
                }
                self.write(&format!("#^^[{depth} {first}"));
                self.tasks.push(Task::Text("]"));
                if let Some(v) = object.as_vectorlike() {
                    // Depth and first character count as one element.
                    let shown = self.shown(v.slot_count() + 1);
                    if shown < v.slot_count() + 1 {
                        self.tasks.push(Task::Text(" ..."));
                    }
                    self.tasks.push(Task::Elements { of: Elements::Slots(v), next: 0, end: shown.saturating_sub(1) });
                }
            }
            kind => {
                let (open, close) = match kind {
                    Kind::Record(_) => ("#s(", ")"),
                    Kind::ByteCode(_) => ("#[", "]"),
                    Kind::CharTable(_) => ("#^[", "]"),
                    _ => ("[", "]"),
                };
                if let Some(v) = object.as_vectorlike() {
                    self.bracketed(open, close, Elements::Slots(v), v.slot_count());
                }
            }
        }
    }

    /// How many of `size` elements `print-length` lets be seen.
    fn shown(&self, size: usize) -> usize {
        self.options.length.map_or(size, |limit| size.min(limit as usize))
    }

    /// Begin a container of `size` elements.
    fn bracketed(&mut self, open: &'static str, close: &'static str, of: Elements<'ob>, size: usize) {
        self.write(open);
        self.tasks.push(Task::Text(close));
        let shown = self.shown(size);
        if shown < size {
            self.tasks.push(Task::Text(" ..."));
        }
        if shown > 0 {
            let first = self.element(of, 0);
            if self.plain_atom(first) {
                return self.elements(of, 1, shown);
            }
            self.tasks.push(Task::Elements { of, next: 1, end: shown });
            self.tasks.push(Task::Object(first));
        }
    }

    fn elements(&mut self, of: Elements<'ob>, next: usize, end: usize) {
        for i in next..end {
            self.text.push(b' ');
            let element = self.element(of, i);
            if !self.plain_atom(element) {
                self.tasks.push(Task::Elements { of, next: i + 1, end });
                return self.tasks.push(Task::Object(element));
            }
        }
    }

    fn element(&self, of: Elements<'ob>, i: usize) -> Object<'ob> {
        match of {
            Elements::Slots(v) => v.slot(i).unwrap_or(NIL),
            Elements::Table(table) => match table.entry(i / 2, self.cx) {
                Some((key, _)) if i.is_multiple_of(2) => key,
                Some((_, value)) => value,
                None => NIL,
            },
            Elements::Closure(closure) => {
                let slot = closure.prototype().as_byte_code().and_then(|code| code.get(i)).unwrap_or(NIL);
                match slot.as_vector().filter(|_| i == CONSTANTS) {
                    Some(constants) => {
                        let captured = closure.iter().skip(1).chain(constants.iter().skip(closure.len() - 1));
                        self.cx.vector(&captured.collect::<Vec<_>>()).into()
                    }
                    None => slot,
                }
            }
        }
    }

    fn hash_table(&mut self, table: tenure_gc::HashTable<'ob>) {
        let entries: Vec<usize> = (0..table.used()).filter(|&i| table.entry(i, self.cx).is_some()).collect();
        self.write("#s(hash-table size ");
        self.write(&table.capacity().to_string());
        self.tasks.push(Task::Text("))"));
        let mut attributes = vec![(" test ", hash::hash_table_test(table, self.cx))];
        let weakness = hash::hash_table_weakness(table, self.cx);
        if !weakness.is_nil() {
            attributes.push((" weakness ", weakness));
        }
        attributes.push((" rehash-size ", hash::hash_table_rehash_size(table, self.cx)));
        attributes.push((" rehash-threshold ", hash::hash_table_rehash_threshold(table, self.cx)));
        if hash::is_purecopy(table) {
            attributes.push((" purecopy ", tenure_gc::T));
        }
        // A limit of none is no limit.
        let limit = self.options.length.filter(|&limit| limit > 0);
        let shown = limit.map_or(entries.len(), |limit| entries.len().min(limit as usize));
        if shown < entries.len() {
            self.tasks.push(Task::Text(" ..."));
        }
        for (position, &i) in entries[..shown].iter().enumerate().rev() {
            self.tasks.push(Task::Object(self.element(Elements::Table(table), 2 * i + 1)));
            self.tasks.push(Task::Text(" "));
            self.tasks.push(Task::Object(self.element(Elements::Table(table), 2 * i)));
            if position > 0 {
                self.tasks.push(Task::Text(" "));
            }
        }
        self.tasks.push(Task::Text(" data ("));
        for (name, value) in attributes.into_iter().rev() {
            self.tasks.push(Task::Object(value));
            self.tasks.push(Task::Text(name));
        }
    }

    fn cons(&mut self, cons: Cons<'ob>) {
        if self.options.level.is_some_and(|level| self.open.len() as i64 > level) {
            return self.write("...");
        }
        if self.options.quoted
            && let Some((prefix, quoted)) = self.abbreviation(cons)
        {
            self.write(prefix);
            return self.tasks.push(Task::Object(quoted));
        }
        self.write("(");
        self.tasks.push(Task::Text(")"));
        let list: Object<'ob> = cons.into();
        self.list_rest(ListRest { tail: list, printed: 0, tortoise: list, power: 2, left: 2 });
    }

    /// `'x` and its kin.  A comma is abbreviated anywhere but at the outermost level.
    fn abbreviation(&self, cons: Cons<'ob>) -> Option<(&'static str, Object<'ob>)> {
        let rest = cons.cdr().as_cons().filter(|rest| rest.cdr().is_nil())?;
        let head = cons.car();
        let prefix = match () {
            () if head == sym::QUOTE => "'",
            () if head == sym::FUNCTION => "#'",
            () if head == sym::BACKQUOTE => "`",
            () if head == sym::COMMA && self.in_backquote() => ",",
            () if head == sym::COMMA_AT && self.in_backquote() => ",@",
            () => return None,
        };
        Some((prefix, rest.car()))
    }

    /// Whether more backquotes than commas are around the innermost container.
    fn in_backquote(&self) -> bool {
        let around = &self.open[..self.open.len().saturating_sub(1)];
        let level = around.iter().filter_map(|o| o.as_cons()).fold(0i64, |level, c| {
            let unary = c.cdr().as_cons().is_some_and(|rest| rest.cdr().is_nil());
            match c.car() {
                head if unary && head == sym::BACKQUOTE => level + 1,
                head if unary && level > 0 && (head == sym::COMMA || head == sym::COMMA_AT) => level - 1,
                _ => level,
            }
        });
        level > 0
    }

    fn list_rest(&mut self, mut rest: ListRest<'ob>) {
        loop {
            let Some(cell) = rest.tail.as_cons() else {
                if !rest.tail.is_nil() {
                    self.write(" . ");
                    self.tasks.push(Task::Object(rest.tail));
                }
                return;
            };
            if rest.printed > 0 {
                self.text.push(b' ');
                if self.options.circle && self.labels.is_labelled(rest.tail, self.cx) {
                    self.write(". ");
                    return self.tasks.push(Task::Object(rest.tail));
                }
                rest.left -= 1;
                if rest.left == 0 {
                    rest.power *= 2;
                    rest.left = rest.power;
                    rest.tortoise = rest.tail;
                } else if rest.tail == rest.tortoise {
                    return self.write(&format!(". #{}", rest.printed / 2));
                }
            }
            if self.options.length.is_some_and(|limit| limit <= rest.printed) {
                return self.write("...");
            }
            rest.printed += 1;
            rest.tail = cell.cdr();
            if !self.plain_atom(cell.car()) {
                self.tasks.push(Task::List(rest));
                return self.tasks.push(Task::Object(cell.car()));
            }
        }
    }

    /// Print an object that is sure to have neither parts nor a label; false if it may have some.
    #[inline]
    fn plain_atom(&mut self, object: Object<'ob>) -> bool {
        if self.options.circle || self.open.len() >= DEEPEST || self.text.len() - self.checked > CHECK_EVERY {
            return false;
        }
        match object.untag() {
            Kind::Fixnum(n) => self.fixnum(n),
            Kind::Symbol(s) => self.symbol(s),
            Kind::Float(x) => self.float(x.value()),
            Kind::String(s) if s.intervals().is_nil() => self.string(s),
            _ => return false,
        }
        true
    }
}

/// The slot of a byte-code function that holds its constants.
const CONSTANTS: usize = 2;
