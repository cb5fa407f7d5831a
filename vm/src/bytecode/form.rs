//! The internal form: what a byte code is turned into before it runs.
//!
//! It is code for a register machine.  The registers are the words of the function's frame: the arguments, the
//! constants and what a closure captured, then what byte code has on its stack; the verifier knows the place of each value,
//! so none is pushed or popped.
//! Operands are 16 bits wide, what follows what is an index, and a condition is one instruction with its jump.
//! Every instruction is 8 bytes, and none has an operand of one byte: all are taken apart before the machine knows which it
//! is.

/// A word of the frame.
pub(super) type Slot = u16;
/// The index of an instruction.
pub(super) type Place = u16;
/// The index of a constant.
pub(super) type Index = u16;

/// Instructions of one shape each, so that the translator and the machine name them once.
macro_rules! instructions {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        plain { $($(#[$doc:meta])* $plain:ident { $($field:ident: $type:ty),* },)* }
        unary { $($unary:ident,)* }
        binary { $($binary:ident,)* }
        compare { $($jump:ident $jump_not:ident $jump_fix:ident $jump_not_fix:ident,)* }
        test { $($test:ident $test_not:ident,)* }
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name {
            $($(#[$doc])* $plain { $($field: $type),* },)*
            $(#[doc = "A function of one value."] $unary { dst: Slot, a: Slot },)*
            $(#[doc = "A function of two values."] $binary { dst: Slot, a: Slot, b: Slot },)*
            $(
                #[doc = "Go on at `to` if the relation holds."] $jump { a: Slot, b: Slot, to: Place },
                #[doc = "Go on at `to` unless the relation holds."] $jump_not { a: Slot, b: Slot, to: Place },
                #[doc = "As the first, with a fixnum."] $jump_fix { a: Slot, n: i16, to: Place },
                #[doc = "As the second, with a fixnum."] $jump_not_fix { a: Slot, n: i16, to: Place },
            )*
            $(
                #[doc = "Go on at `to` if the value is of the kind."] $test { a: Slot, to: Place },
                #[doc = "Go on at `to` unless the value is of the kind."] $test_not { a: Slot, to: Place },
            )*
        }

        impl $name {
            /// The register that the instruction writes, if it is free to write any other instead.
            pub(super) fn destination(&mut self) -> Option<&mut Slot> {
                use $name::*;
                match self {
                    Move { dst, .. } | Constant { dst, .. } | Nil { dst } | True { dst }
                    | Fixnum { dst, .. } | VarRef { dst, .. } | AddFixnum { dst, .. } | EqConstant { dst, .. }
                    | ArefFixnum { dst, .. } | NthFixnum { dst, .. } => {
                        Some(dst)
                    }
                    $($unary { dst, .. })|* => Some(dst),
                    $($binary { dst, .. })|* => Some(dst),
                    _ => None,
                }
            }

            /// The branch that is taken when this one is not, to another place.
            pub(super) fn inverse(self, to: Place) -> Option<$name> {
                use $name::*;
                Some(match self {
                    JumpIfNil { a, .. } => JumpIfNotNil { a, to },
                    JumpIfNotNil { a, .. } => JumpIfNil { a, to },
                    JumpIfEqConstant { a, k, .. } => JumpUnlessEqConstant { a, k, to },
                    JumpUnlessEqConstant { a, k, .. } => JumpIfEqConstant { a, k, to },
                    $(
                        $jump { a, b, .. } => $jump_not { a, b, to },
                        $jump_not { a, b, .. } => $jump { a, b, to },
                        $jump_fix { a, n, .. } => $jump_not_fix { a, n, to },
                        $jump_not_fix { a, n, .. } => $jump_fix { a, n, to },
                    )*
                    $(
                        $test { a, .. } => $test_not { a, to },
                        $test_not { a, .. } => $test { a, to },
                    )*
                    _ => return None,
                })
            }

            /// The place that the instruction may go to, if it has one.
            pub(super) fn target(&mut self) -> Option<&mut Place> {
                use $name::*;
                match self {
                    Jump { to } | JumpIfNil { to, .. } | JumpIfNotNil { to, .. } | PushCatch { to, .. }
                    | PushConditionCase { to, .. } | JumpIfEqConstant { to, .. } | JumpUnlessEqConstant { to, .. } => Some(to),
                    $($jump { to, .. } | $jump_not { to, .. } | $jump_fix { to, .. } | $jump_not_fix { to, .. })|* => Some(to),
                    $($test { to, .. } | $test_not { to, .. })|* => Some(to),
                    _ => None,
                }
            }
        }
    };
}

instructions! {
    /// An instruction of the internal form.
    pub(super) enum Insn {
        plain {
            /// Copy a register.
            Move { dst: Slot, src: Slot },
            /// Load constant `k`.
            Constant { dst: Slot, k: Index },
            /// Load `nil`.
            Nil { dst: Slot },
            /// Load `t`.
            True { dst: Slot },
            /// Load a fixnum.
            Fixnum { dst: Slot, n: i32 },
            /// Read the variable that constant `k` names.
            VarRef { dst: Slot, k: Index },
            /// Set the variable that constant `k` names.
            VarSet { k: Index, src: Slot },
            /// Bind the variable that constant `k` names.
            VarBind { k: Index, src: Slot },
            /// Bind the variable that a register names.
            Bind { name: Slot, src: Slot },
            /// Undo the last `n` entries of the binding stack.
            Unbind { n: u16 },
            /// Undo all entries of the binding stack that the function made.
            UnbindAll {},
            /// An entry of the binding stack that restores something of buffers.
            SaveNothing {},
            /// An entry of the binding stack that runs a function or forms.
            UnwindProtect { src: Slot },
            /// Go on at another place; a safepoint if that is before this one, as with all jumps.
            Jump { to: Place },
            /// Go on at `to` if the value is nil.
            JumpIfNil { a: Slot, to: Place },
            /// Go on at `to` if the value is not nil.
            JumpIfNotNil { a: Slot, to: Place },
            /// Go on at `to` if the value is constant `k`.
            JumpIfEqConstant { a: Slot, k: Index, to: Place },
            /// Go on at `to` unless the value is constant `k`.
            JumpUnlessEqConstant { a: Slot, k: Index, to: Place },
            /// Go to the place that table `table` has for the value.
            Switch { a: Slot, table: Index },
            /// Return from the function.
            Return { src: Slot },
            /// Call the function in `base` on the `n` values behind it; the value replaces the function.
            Call { base: Slot, n: u16 },
            /// Call the function that a constant names, by cache `cache`.
            CallNamed { base: Slot, n: u16, cache: Index },
            /// The first step of the primitive in row `row` of the table of those that are cut into steps; it says where to go on.
            FirstStep { row: Index },
            /// The step after a call.
            NextStep { row: Index },
            /// Call the primitive that the frame belongs to on the `n` values that the frame begins with; the value
            /// replaces the first.
            Whole { n: u16 },
            /// Call the primitive that an opcode is on `n` values from `base` on; the value replaces the first.
            Primitive { base: Slot, n: u16, op: Index },
            /// `list`.
            List { base: Slot, n: u16 },
            /// A handler for throws to the tag in `tag`: at `to`, with the value in `dst`.
            PushCatch { tag: Slot, to: Place, dst: Slot },
            /// A handler for signals with the conditions in `tag`: at `to`, with the error object in `dst`.
            PushConditionCase { tag: Slot, to: Place, dst: Slot },
            /// The innermost handler is in force no longer.
            PopHandler {},
            /// Add a fixnum that is not 0.
            AddFixnum { dst: Slot, a: Slot, n: i16 },
            /// Whether the value is constant `k`.
            EqConstant { dst: Slot, a: Slot, k: Index },
            /// `aref` at a fixnum.
            ArefFixnum { dst: Slot, a: Slot, n: i16 },
            /// `nth` of a fixnum.
            NthFixnum { dst: Slot, n: i16, a: Slot },
            /// `aset`; the value stays where it is.
            Aset { array: Slot, index: Slot, value: Slot },
            /// `aset` at a fixnum.
            AsetFixnum { array: Slot, n: i16, value: Slot },
            /// Store in the car; the value stays where it is.
            Setcar { cell: Slot, value: Slot },
            /// Store in the cdr; the value stays where it is.
            Setcdr { cell: Slot, value: Slot },
        }
        unary {
            Car, Cdr, CarSafe, CdrSafe, Not, Consp, Symbolp, Stringp, Listp, Integerp, Numberp,
            Negate, Length, SymbolValue, SymbolFunction,
        }
        binary {
            Cons, Eq, Add, Sub, Mul, Quo, Rem, Max, Min, Less, LessEq, Greater, GreaterEq, NumEq,
            Aref, Nth, Nthcdr, Memq, Member, Assq, Equal, Get,
        }
        compare {
            JumpIfLess JumpUnlessLess JumpIfLessFixnum JumpUnlessLessFixnum,
            JumpIfLessEq JumpUnlessLessEq JumpIfLessEqFixnum JumpUnlessLessEqFixnum,
            JumpIfGreater JumpUnlessGreater JumpIfGreaterFixnum JumpUnlessGreaterFixnum,
            JumpIfGreaterEq JumpUnlessGreaterEq JumpIfGreaterEqFixnum JumpUnlessGreaterEqFixnum,
            JumpIfNumEq JumpUnlessNumEq JumpIfNumEqFixnum JumpUnlessNumEqFixnum,
            JumpIfEq JumpUnlessEq JumpIfEqFixnum JumpUnlessEqFixnum,
        }
        test {
            JumpIfConsp JumpUnlessConsp,
            JumpIfSymbolp JumpUnlessSymbolp,
            JumpIfStringp JumpUnlessStringp,
            JumpIfListp JumpUnlessListp,
            JumpIfIntegerp JumpUnlessIntegerp,
        }
    }
}
const _: () = assert!(size_of::<Insn>() == 8);
