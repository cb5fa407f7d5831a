//! The table of Emacs 28.2's byte codes: the one place that knows them.
//!
//! The enum [`Op`], the decoder ([`decode`]), the stack checker ([`Instruction::effect`]), the disassembler's names and
//! the page `docs/bytecode.md` all come from the rows of [`OPCODES`].

/// What follows an opcode, or is packed into it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// Nothing.
    None,
    /// A number: in the low three bits if it is below six; 6 announces one more byte, 7 two, the low one first.
    Packed,
    /// A number in the next byte.
    Byte,
    /// A number in the next two bytes, the low one first.
    Short,
    /// The place to jump to, in the next two bytes.
    Target,
    /// The place to jump to, less that of the next instruction and plus 128, in the next byte.
    Relative,
    /// An index of the constants: the opcode less 192.
    Low,
}

impl Operand {
    /// A sentence for the page.
    pub fn describe(self) -> &'static str {
        match self {
            Operand::None => "none",
            Operand::Packed => "N in the low 3 bits; 6: in the next byte, 7: in the next two",
            Operand::Byte => "N in the next byte",
            Operand::Short => "N in the next two bytes",
            Operand::Target => "target in the next two bytes",
            Operand::Relative => "displacement plus 128 in the next byte",
            Operand::Low => "N is the opcode less 192",
        }
    }
}

/// What an instruction does to the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Takes so many values off and puts so many on.
    Fixed(u8, u8),
    /// Takes N values and what lies under them, puts one.
    Call,
    /// Takes N values, puts one.
    Many,
    /// Takes N values; or, with bit 7 of N set, N less 128 values from under the topmost.
    Discard,
}

/// How an instruction ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// The next instruction follows.
    Next,
    /// It goes to the target.
    Goto,
    /// It goes to the target or on; the condition is taken off in both cases.
    Branch,
    /// It goes to the target with the condition on the stack, or on without it.
    BranchElsePop,
    /// A handler is in force from here on; its target is entered with the stack of now and one value more.
    Handler,
    /// It goes to a place from a table, or on.
    Switch,
    /// The function returns.
    Return,
    /// Nothing does this: Emacs aborts on it, here it cannot be verified.
    Invalid,
}

/// A row of the table.
pub struct OpcodeInfo {
    /// The instruction.
    pub op: Op,
    /// Emacs's name for it.
    pub name: &'static str,
    /// The first opcode of the row, and the last.
    pub first: u8,
    /// See `first`.
    pub last: u8,
    /// What follows the opcode.
    pub operand: Operand,
    /// What it does to the stack.
    pub effect: Effect,
    /// How it ends.
    pub flow: Flow,
    /// The primitive that it is, called on what it takes off the stack; empty for the machine's own instructions.
    pub primitive: &'static str,
    /// What it does.
    pub doc: &'static str,
}

macro_rules! opcodes {
    ($($op:ident, $name:literal, $first:literal ..= $last:literal, $operand:ident, $effect:expr, $flow:ident,
       $primitive:literal, $doc:literal;)*) => {
        /// An instruction, whatever its operand.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "the rows of OPCODES describe them")]
        pub enum Op {
            $($op),*
        }

        /// Every row, in the order of the opcodes; together they are all 256.
        pub const OPCODES: &[OpcodeInfo] = &[$(OpcodeInfo {
            op: Op::$op,
            name: $name,
            first: $first,
            last: $last,
            operand: Operand::$operand,
            effect: $effect,
            flow: Flow::$flow,
            primitive: $primitive,
            doc: $doc,
        }),*];
    };
}

use Effect::{Call, Discard, Fixed, Many};

opcodes! {
    StackRef0, "stack-ref", 0..=0, None, Fixed(0, 0), Invalid, "", "Not an instruction: `dup` is.";
    StackRef, "stack-ref", 1..=7, Packed, Fixed(0, 1), Next, "", "Push the value N below the top.";
    VarRef, "varref", 8..=15, Packed, Fixed(0, 1), Next, "", "Push the value of the variable that constant N names.";
    VarSet, "varset", 16..=23, Packed, Fixed(1, 0), Next, "", "Pop a value into the variable that constant N names.";
    VarBind, "varbind", 24..=31, Packed, Fixed(1, 0), Next, "", "Bind the variable that constant N names to a popped value.";
    Call, "call", 32..=39, Packed, Call, Next, "", "Call the function under N arguments; the value replaces them all.";
    Unbind, "unbind", 40..=47, Packed, Fixed(0, 0), Next, "", "Undo the last N entries of the binding stack.";
    PopHandler, "pophandler", 48..=48, None, Fixed(0, 0), Next, "", "The innermost handler is in force no longer.";
    PushConditionCase, "pushconditioncase", 49..=49, Target, Fixed(1, 0), Handler, "",
        "Pop conditions; a signal that has one of them goes to the target, with the error object pushed.";
    PushCatch, "pushcatch", 50..=50, Target, Fixed(1, 0), Handler, "",
        "Pop a tag; a throw to it goes to the target, with the value pushed.";
    Unused51, "51", 51..=55, None, Fixed(0, 0), Invalid, "", "Not an instruction.";
    Nth, "nth", 56..=56, None, Fixed(2, 1), Next, "nth", "";
    Symbolp, "symbolp", 57..=57, None, Fixed(1, 1), Next, "symbolp", "";
    Consp, "consp", 58..=58, None, Fixed(1, 1), Next, "consp", "";
    Stringp, "stringp", 59..=59, None, Fixed(1, 1), Next, "stringp", "";
    Listp, "listp", 60..=60, None, Fixed(1, 1), Next, "listp", "";
    Eq, "eq", 61..=61, None, Fixed(2, 1), Next, "eq", "";
    Memq, "memq", 62..=62, None, Fixed(2, 1), Next, "memq", "";
    Not, "not", 63..=63, None, Fixed(1, 1), Next, "null", "";
    Car, "car", 64..=64, None, Fixed(1, 1), Next, "car", "";
    Cdr, "cdr", 65..=65, None, Fixed(1, 1), Next, "cdr", "";
    Cons, "cons", 66..=66, None, Fixed(2, 1), Next, "cons", "";
    List1, "list1", 67..=67, None, Fixed(1, 1), Next, "list", "";
    List2, "list2", 68..=68, None, Fixed(2, 1), Next, "list", "";
    List3, "list3", 69..=69, None, Fixed(3, 1), Next, "list", "";
    List4, "list4", 70..=70, None, Fixed(4, 1), Next, "list", "";
    Length, "length", 71..=71, None, Fixed(1, 1), Next, "length", "";
    Aref, "aref", 72..=72, None, Fixed(2, 1), Next, "aref", "";
    Aset, "aset", 73..=73, None, Fixed(3, 1), Next, "aset", "";
    SymbolValue, "symbol-value", 74..=74, None, Fixed(1, 1), Next, "symbol-value", "";
    SymbolFunction, "symbol-function", 75..=75, None, Fixed(1, 1), Next, "symbol-function", "";
    Set, "set", 76..=76, None, Fixed(2, 1), Next, "set", "";
    Fset, "fset", 77..=77, None, Fixed(2, 1), Next, "fset", "";
    Get, "get", 78..=78, None, Fixed(2, 1), Next, "get", "";
    Substring, "substring", 79..=79, None, Fixed(3, 1), Next, "substring", "";
    Concat2, "concat2", 80..=80, None, Fixed(2, 1), Next, "concat", "";
    Concat3, "concat3", 81..=81, None, Fixed(3, 1), Next, "concat", "";
    Concat4, "concat4", 82..=82, None, Fixed(4, 1), Next, "concat", "";
    Sub1, "sub1", 83..=83, None, Fixed(1, 1), Next, "1-", "";
    Add1, "add1", 84..=84, None, Fixed(1, 1), Next, "1+", "";
    NumEq, "eqlsign", 85..=85, None, Fixed(2, 1), Next, "=", "";
    Greater, "gtr", 86..=86, None, Fixed(2, 1), Next, ">", "";
    Less, "lss", 87..=87, None, Fixed(2, 1), Next, "<", "";
    LessEq, "leq", 88..=88, None, Fixed(2, 1), Next, "<=", "";
    GreaterEq, "geq", 89..=89, None, Fixed(2, 1), Next, ">=", "";
    Sub, "diff", 90..=90, None, Fixed(2, 1), Next, "-", "";
    Negate, "negate", 91..=91, None, Fixed(1, 1), Next, "-", "";
    Add, "plus", 92..=92, None, Fixed(2, 1), Next, "+", "";
    Max, "max", 93..=93, None, Fixed(2, 1), Next, "max", "";
    Min, "min", 94..=94, None, Fixed(2, 1), Next, "min", "";
    Mul, "mult", 95..=95, None, Fixed(2, 1), Next, "*", "";
    Point, "point", 96..=96, None, Fixed(0, 1), Next, "point", "";
    SaveCurrentBufferOld, "save-current-buffer", 97..=97, None, Fixed(0, 0), Next, "",
        "As 114; the compilers of old wrote it.";
    GotoChar, "goto-char", 98..=98, None, Fixed(1, 1), Next, "goto-char", "";
    Insert, "insert", 99..=99, None, Fixed(1, 1), Next, "insert", "";
    PointMax, "point-max", 100..=100, None, Fixed(0, 1), Next, "point-max", "";
    PointMin, "point-min", 101..=101, None, Fixed(0, 1), Next, "point-min", "";
    CharAfter, "char-after", 102..=102, None, Fixed(1, 1), Next, "char-after", "";
    FollowingChar, "following-char", 103..=103, None, Fixed(0, 1), Next, "following-char", "";
    PrecedingChar, "preceding-char", 104..=104, None, Fixed(0, 1), Next, "preceding-char", "";
    CurrentColumn, "current-column", 105..=105, None, Fixed(0, 1), Next, "current-column", "";
    IndentTo, "indent-to", 106..=106, None, Fixed(1, 1), Next, "indent-to", "";
    ScanBuffer, "scan-buffer", 107..=107, None, Fixed(0, 0), Invalid, "", "Not an instruction since Emacs 18.";
    Eolp, "eolp", 108..=108, None, Fixed(0, 1), Next, "eolp", "";
    Eobp, "eobp", 109..=109, None, Fixed(0, 1), Next, "eobp", "";
    Bolp, "bolp", 110..=110, None, Fixed(0, 1), Next, "bolp", "";
    Bobp, "bobp", 111..=111, None, Fixed(0, 1), Next, "bobp", "";
    CurrentBuffer, "current-buffer", 112..=112, None, Fixed(0, 1), Next, "current-buffer", "";
    SetBuffer, "set-buffer", 113..=113, None, Fixed(1, 1), Next, "set-buffer", "";
    SaveCurrentBuffer, "save-current-buffer", 114..=114, None, Fixed(0, 0), Next, "",
        "An entry of the binding stack that restores the current buffer.";
    SetMark, "set-mark", 115..=115, None, Fixed(0, 0), Invalid, "", "Not an instruction since Emacs 18.";
    InteractiveP, "interactive-p", 116..=116, None, Fixed(0, 1), Next, "interactive-p", "";
    ForwardChar, "forward-char", 117..=117, None, Fixed(1, 1), Next, "forward-char", "";
    ForwardWord, "forward-word", 118..=118, None, Fixed(1, 1), Next, "forward-word", "";
    SkipCharsForward, "skip-chars-forward", 119..=119, None, Fixed(2, 1), Next, "skip-chars-forward", "";
    SkipCharsBackward, "skip-chars-backward", 120..=120, None, Fixed(2, 1), Next, "skip-chars-backward", "";
    ForwardLine, "forward-line", 121..=121, None, Fixed(1, 1), Next, "forward-line", "";
    CharSyntax, "char-syntax", 122..=122, None, Fixed(1, 1), Next, "char-syntax", "";
    BufferSubstring, "buffer-substring", 123..=123, None, Fixed(2, 1), Next, "buffer-substring", "";
    DeleteRegion, "delete-region", 124..=124, None, Fixed(2, 1), Next, "delete-region", "";
    NarrowToRegion, "narrow-to-region", 125..=125, None, Fixed(2, 1), Next, "narrow-to-region", "";
    Widen, "widen", 126..=126, None, Fixed(0, 1), Next, "widen", "";
    EndOfLine, "end-of-line", 127..=127, None, Fixed(1, 1), Next, "end-of-line", "";
    Unused128, "128", 128..=128, None, Fixed(0, 0), Invalid, "", "Not an instruction.";
    Constant2, "constant2", 129..=129, Short, Fixed(0, 1), Next, "", "Push constant N.";
    Goto, "goto", 130..=130, Target, Fixed(0, 0), Goto, "", "Go to the target.";
    GotoIfNil, "goto-if-nil", 131..=131, Target, Fixed(1, 0), Branch, "", "Pop a value and go to the target if it is nil.";
    GotoIfNotNil, "goto-if-not-nil", 132..=132, Target, Fixed(1, 0), Branch, "",
        "Pop a value and go to the target if it is not nil.";
    GotoIfNilElsePop, "goto-if-nil-else-pop", 133..=133, Target, Fixed(1, 0), BranchElsePop, "",
        "Go to the target if the top is nil, else pop it.";
    GotoIfNotNilElsePop, "goto-if-not-nil-else-pop", 134..=134, Target, Fixed(1, 0), BranchElsePop, "",
        "Go to the target if the top is not nil, else pop it.";
    Return, "return", 135..=135, None, Fixed(1, 0), Return, "", "Return a popped value from the function.";
    Discard, "discard", 136..=136, None, Fixed(1, 0), Next, "", "Pop a value.";
    Dup, "dup", 137..=137, None, Fixed(0, 1), Next, "", "Push the top once more.";
    SaveExcursion, "save-excursion", 138..=138, None, Fixed(0, 0), Next, "",
        "An entry of the binding stack that restores the current buffer and point.";
    SaveWindowExcursion, "save-window-excursion", 139..=139, None, Fixed(1, 1), Next, "save-window-excursion",
        "Evaluate a popped list of forms and restore the windows.  Written until 24.1.";
    SaveRestriction, "save-restriction", 140..=140, None, Fixed(0, 0), Next, "",
        "An entry of the binding stack that restores the narrowing.";
    CatchOld, "catch", 141..=141, None, Fixed(2, 1), Next, "",
        "Evaluate a popped form under a catch for the popped tag.  Written until 25.";
    UnwindProtect, "unwind-protect", 142..=142, None, Fixed(1, 0), Next, "",
        "An entry of the binding stack that calls the popped function, or evaluates the popped list of forms.";
    ConditionCaseOld, "condition-case", 143..=143, None, Fixed(3, 1), Next, "",
        "Evaluate a form under handlers; takes variable, form and handlers.  Written until 25.";
    TempOutputBufferSetup, "temp-output-buffer-setup", 144..=144, None, Fixed(1, 1), Next, "temp-output-buffer-setup",
        "Make a buffer for output.  Written until 24.1.";
    TempOutputBufferShow, "temp-output-buffer-show", 145..=145, None, Fixed(2, 1), Next, "temp-output-buffer-show",
        "Show a buffer of output.  Written until 24.1.";
    UnbindAll, "unbind-all", 146..=146, None, Fixed(0, 0), Next, "",
        "Undo all entries of the binding stack that the function made.";
    SetMarker, "set-marker", 147..=147, None, Fixed(3, 1), Next, "set-marker", "";
    MatchBeginning, "match-beginning", 148..=148, None, Fixed(1, 1), Next, "match-beginning", "";
    MatchEnd, "match-end", 149..=149, None, Fixed(1, 1), Next, "match-end", "";
    Upcase, "upcase", 150..=150, None, Fixed(1, 1), Next, "upcase", "";
    Downcase, "downcase", 151..=151, None, Fixed(1, 1), Next, "downcase", "";
    StringEqual, "string=", 152..=152, None, Fixed(2, 1), Next, "string-equal", "";
    StringLess, "string<", 153..=153, None, Fixed(2, 1), Next, "string-lessp", "";
    Equal, "equal", 154..=154, None, Fixed(2, 1), Next, "equal", "";
    Nthcdr, "nthcdr", 155..=155, None, Fixed(2, 1), Next, "nthcdr", "";
    Elt, "elt", 156..=156, None, Fixed(2, 1), Next, "elt", "";
    Member, "member", 157..=157, None, Fixed(2, 1), Next, "member", "";
    Assq, "assq", 158..=158, None, Fixed(2, 1), Next, "assq", "";
    Nreverse, "nreverse", 159..=159, None, Fixed(1, 1), Next, "nreverse", "";
    Setcar, "setcar", 160..=160, None, Fixed(2, 1), Next, "setcar", "";
    Setcdr, "setcdr", 161..=161, None, Fixed(2, 1), Next, "setcdr", "";
    CarSafe, "car-safe", 162..=162, None, Fixed(1, 1), Next, "car-safe", "";
    CdrSafe, "cdr-safe", 163..=163, None, Fixed(1, 1), Next, "cdr-safe", "";
    Nconc, "nconc", 164..=164, None, Fixed(2, 1), Next, "nconc", "";
    Quo, "quo", 165..=165, None, Fixed(2, 1), Next, "/", "";
    Rem, "rem", 166..=166, None, Fixed(2, 1), Next, "%", "";
    Numberp, "numberp", 167..=167, None, Fixed(1, 1), Next, "numberp", "";
    Integerp, "integerp", 168..=168, None, Fixed(1, 1), Next, "integerp", "";
    Unused169, "169", 169..=169, None, Fixed(0, 0), Invalid, "", "Not an instruction.";
    Rgoto, "Rgoto", 170..=170, Relative, Fixed(0, 0), Goto, "", "As `goto`.";
    RgotoIfNil, "Rgoto-if-nil", 171..=171, Relative, Fixed(1, 0), Branch, "", "As `goto-if-nil`.";
    RgotoIfNotNil, "Rgoto-if-not-nil", 172..=172, Relative, Fixed(1, 0), Branch, "", "As `goto-if-not-nil`.";
    RgotoIfNilElsePop, "Rgoto-if-nil-else-pop", 173..=173, Relative, Fixed(1, 0), BranchElsePop, "",
        "As `goto-if-nil-else-pop`.";
    RgotoIfNotNilElsePop, "Rgoto-if-not-nil-else-pop", 174..=174, Relative, Fixed(1, 0), BranchElsePop, "",
        "As `goto-if-not-nil-else-pop`.";
    ListN, "listN", 175..=175, Byte, Many, Next, "list", "";
    ConcatN, "concatN", 176..=176, Byte, Many, Next, "concat", "";
    InsertN, "insertN", 177..=177, Byte, Many, Next, "insert", "";
    StackSet, "stack-set", 178..=178, Byte, Fixed(1, 0), Next, "",
        "Pop a value into the place that was N below the top.";
    StackSet2, "stack-set2", 179..=179, Short, Fixed(1, 0), Next, "", "As `stack-set`.";
    Unused180, "180", 180..=181, None, Fixed(0, 0), Invalid, "", "Not an instruction.";
    DiscardN, "discardN", 182..=182, Byte, Discard, Next, "",
        "Pop N values; with bit 7 set, N less 128 values from under the top.";
    Switch, "switch", 183..=183, None, Fixed(2, 0), Switch, "",
        "Pop a jump table and a value; go to the place that the table has for the value, if it has one.";
    Unused184, "184", 184..=191, None, Fixed(0, 0), Invalid, "", "Not an instruction.";
    Constant, "constant", 192..=255, Low, Fixed(0, 1), Next, "", "Push constant N.";
}

/// The row of each opcode.
static ROW_OF: [u8; 256] = {
    let mut rows = [0; 256];
    let mut i = 0;
    while i < OPCODES.len() {
        let mut code = OPCODES[i].first as usize;
        while code <= OPCODES[i].last as usize {
            rows[code] = i as u8;
            code += 1;
        }
        i += 1;
    }
    rows
};

impl Op {
    /// The instruction's row.
    #[inline]
    pub fn info(self) -> &'static OpcodeInfo {
        &OPCODES[self as usize]
    }
}

/// An instruction of a code string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// Where it begins.
    pub pc: usize,
    /// What it is.
    pub op: Op,
    /// Its operand: a number, or the absolute place to jump to; 0 if it has none.
    pub operand: usize,
    /// Where the next one begins.
    pub next: usize,
}

impl Instruction {
    /// How many values it takes off the stack, and how many it puts on; what is taken from under the top and put back
    /// counts in both.
    pub fn effect(&self) -> (usize, usize) {
        match self.op.info().effect {
            Effect::Fixed(pops, pushes) => (pops.into(), pushes.into()),
            Effect::Call => (self.operand + 1, 1),
            Effect::Many => (self.operand, 1),
            Effect::Discard if self.preserves_top() => ((self.operand & 127) + 1, 1),
            Effect::Discard => (self.operand, 0),
        }
    }

    /// Whether a `discardN` keeps the top.
    pub fn preserves_top(&self) -> bool {
        self.op == Op::DiscardN && self.operand & 128 != 0
    }

    /// The name as a disassembly shows it.
    pub fn name(&self) -> &'static str {
        if self.preserves_top() { "discardN-preserve-tos" } else { self.op.info().name }
    }
}

/// The instruction at `pc`; nothing if the code ends before it does.
pub fn decode(code: &[u8], pc: usize) -> Option<Instruction> {
    let opcode = *code.get(pc)?;
    let info = &OPCODES[usize::from(ROW_OF[usize::from(opcode)])];
    let byte = |i: usize| code.get(pc + i).map(|&b| usize::from(b));
    let short = || Some(byte(1)? | byte(2)? << 8);
    let (operand, length) = match info.operand {
        Operand::None => (0, 1),
        Operand::Packed => match opcode & 7 {
            6 => (byte(1)?, 2),
            7 => (short()?, 3),
            n => (n.into(), 1),
        },
        Operand::Byte => (byte(1)?, 2),
        Operand::Short | Operand::Target => (short()?, 3),
        Operand::Relative => ((pc + 2 + byte(1)?).checked_sub(128)?, 2),
        Operand::Low => (usize::from(opcode - info.first), 1),
    };
    Some(Instruction { pc, op: info.op, operand, next: pc + length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_cover_all_opcodes_once_and_in_order() {
        let mut next = 0;
        for (i, row) in OPCODES.iter().enumerate() {
            assert_eq!(row.op as usize, i);
            assert_eq!(usize::from(row.first), next, "{}", row.name);
            next = usize::from(row.last) + 1;
            assert!(!row.doc.is_empty() || !row.primitive.is_empty(), "{} says what it does", row.name);
        }
        assert_eq!(next, 256);
    }

    #[test]
    fn operands() {
        let at = |code: &[u8], pc| decode(code, pc).map(|i| (i.op, i.operand, i.next));
        assert_eq!(at(&[0o13], 0), Some((Op::VarRef, 3, 1)));
        assert_eq!(at(&[0o16, 200], 0), Some((Op::VarRef, 200, 2)));
        assert_eq!(at(&[0o17, 1, 2], 0), Some((Op::VarRef, 513, 3)));
        assert_eq!(at(&[0o17, 1], 0), None);
        assert_eq!(at(&[0, 170, 126], 1), Some((Op::Rgoto, 1, 3)));
        assert_eq!(at(&[170, 0], 0), None);
        assert_eq!(at(&[0o301], 0), Some((Op::Constant, 1, 1)));
        assert_eq!(at(&[], 0), None);
    }
}
