;;; nadvice.el --- Advice for functions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A piece of advice is a byte-code function with the constants `apply', the
;; advice, the function that it is for, and properties.  What the code does tells
;; where the advice is put, and the function may be advised in turn.  Advice of a
;; symbol without a definition waits in the property `advice--pending'.

;;; Code:

(require 'gv)

(defconst advice--kinds
  ;; Constant 0 is `apply', 1 the advice, 2 the function; the arguments are one
  ;; list at the bottom of the stack, of which operand 2 or 3 gets a copy.
  '((:around "\300\301\302\003#\207" 5)
    (:before "\300\301\002\"\210\300\302\002\"\207" 4)
    (:after "\300\302\002\"\300\301\003\"\210\207" 5)
    (:override "\300\301\002\"\207" 4)
    (:after-until "\300\302\002\"\206\013\000\300\301\002\"\207" 4)
    (:after-while "\300\302\002\"\205\013\000\300\301\002\"\207" 4)
    (:before-until "\300\301\002\"\206\013\000\300\302\002\"\207" 4)
    (:before-while "\300\301\002\"\205\013\000\300\302\002\"\207" 4)
    (:filter-args "\300\302\301\003!\"\207" 5)
    (:filter-return "\301\300\302\003\"!\207" 5))
  "Where advice may be put: the name, the code and the depth of its stack.")

(defun advice--p (object)
  "Return non-nil if OBJECT is a piece of advice."
  (and (byte-code-function-p object)
       (eq 128 (aref object 0))
       (vectorp (aref object 2))
       (= 4 (length (aref object 2)))
       (eq 'apply (aref (aref object 2) 0))
       (let ((code (aref object 1))
             (kinds advice--kinds))
         (while (and kinds (not (equal code (nth 1 (car kinds)))))
           (setq kinds (cdr kinds)))
         (and kinds t))))

(defun advice--car (advice) "Return what ADVICE does." (aref (aref advice 2) 1))
(defun advice--cdr (advice)
  "Return the function that ADVICE is for."
  (aref (aref advice 2) 2))
(defun advice--props (advice)
  "Return the properties of ADVICE."
  (aref (aref advice 2) 3))

(defun advice--depth (props)
  "Return the depth that PROPS, properties of advice, ask for."
  (or (alist-get 'depth props) 0))

(defun advice--with (advice inner)
  "Return a piece of advice like ADVICE for the function INNER."
  (if (eq inner (advice--cdr advice))
      advice
    (make-byte-code 128 (aref advice 1)
                    (vector 'apply (advice--car advice) inner
                            (advice--props advice))
                    (aref advice 3) nil)))

(defun advice--is (advice function)
  "Return non-nil if ADVICE is called FUNCTION or does it."
  ;; Advice without a name is called nil.
  (or (equal function (advice--car advice))
      (equal function (cdr (assq 'name (advice--props advice))))))

(defun advice--tail (definition function)
  "Return the part of DEFINITION from the advice FUNCTION on, or nil."
  (while (and (advice--p definition)
              (not (advice--is definition function)))
    (setq definition (advice--cdr definition)))
  (and (advice--p definition) definition))

(defun advice--without (definition function)
  "Return DEFINITION without the advice FUNCTION."
  (cond ((not (advice--p definition)) definition)
        ((advice--is definition function) (advice--cdr definition))
        (t (advice--with definition
                         (advice--without (advice--cdr definition)
                                          function)))))

(defun advice--insert (advice depth definition)
  "Return DEFINITION with ADVICE outside all that is not deeper than DEPTH."
  (if (and (advice--p definition)
           (> depth (advice--depth (advice--props definition))))
      (advice--with definition
                    (advice--insert advice depth (advice--cdr definition)))
    (advice--with advice definition)))

(defun advice--make (how definition function props)
  "Return DEFINITION with the advice FUNCTION put HOW, with the properties PROPS.
It takes the place of advice of the same name, or that does the same."
  (let ((kind (assq how advice--kinds)))
    (unless kind
      (error "Unknown add-function location `%S'" how))
    (advice--insert
     (make-byte-code 128 (nth 1 kind) (vector 'apply function nil props)
                     (nth 2 kind) nil)
     (advice--depth props)
     (advice--without definition
                      (or (cdr (assq 'name props)) function)))))

(defun advice--base (definition)
  "Return DEFINITION without advice."
  (while (advice--p definition)
    (setq definition (advice--cdr definition)))
  definition)

(defun advice--rebase (definition base)
  "Return BASE with the advice of DEFINITION."
  (if (advice--p definition)
      (advice--with definition (advice--rebase (advice--cdr definition) base))
    base))

;;;; Places

(defmacro advice--place (place)
  "Return a reference to PLACE as in `add-function'."
  (cond ((eq 'local (car-safe place))
         (error "Advice of a buffer's own variables needs buffers"))
        ((eq 'var (car-safe place)) `(gv-ref ,(nth 1 place)))
        ((symbolp place) `(gv-ref (default-value ',place)))
        (t `(gv-ref ,place))))

(defmacro add-function (how place function &optional props)
  "Put FUNCTION, HOW advice is, around the function in PLACE.
PROPS is an alist, in which `name' and `depth' have a meaning.  A symbol PLACE
stands for its default value, (var VARIABLE) for a variable."
  `(advice--add-function ,how (advice--place ,place) ,function ,props))

(defun advice--add-function (how ref function props)
  "Put FUNCTION with PROPS HOW advice is around what REF refers to."
  (setf (gv-deref ref) (advice--make how (gv-deref ref) function props)))

(defmacro remove-function (place function)
  "Remove the advice FUNCTION, or called so, from the function in PLACE."
  `(advice--remove-function (advice--place ,place) ,function))

(defun advice--remove-function (ref function)
  "Remove the advice FUNCTION from what REF refers to."
  (setf (gv-deref ref) (advice--without (gv-deref ref) function)))

(defun advice-function-mapc (f function-def)
  "Call F with each piece of advice of FUNCTION-DEF and its properties."
  (while (advice--p function-def)
    (funcall f (advice--car function-def) (advice--props function-def))
    (setq function-def (advice--cdr function-def))))

(defun advice-function-member-p (advice function-def)
  "Return non-nil if ADVICE, a function or a name, is in FUNCTION-DEF."
  (advice--tail function-def advice))

;;;; Symbols

(defun advice--waits-p (definition)
  "Return non-nil if advice for DEFINITION of a symbol has to wait."
  (or (null definition) (autoloadp definition)))

(defun advice--symbol-function (symbol)
  "Return the function of SYMBOL, a macro's too, or the advice that waits."
  (let ((definition (symbol-function symbol)))
    (cond ((advice--waits-p definition) (get symbol 'advice--pending))
          ((eq 'macro (car-safe definition)) (cdr definition))
          (t definition))))

(defun advice--set-symbol-function (symbol function)
  "Make FUNCTION, with its advice, that of SYMBOL, a macro's too."
  (let ((definition (symbol-function symbol)))
    (cond ((advice--waits-p definition)
           (put symbol 'advice--pending function))
          ((eq 'macro (car-safe definition))
           (fset symbol (cons 'macro function)))
          (t (fset symbol function)))))

(defun advice--defalias-fset (symbol definition)
  "Define SYMBOL, which has advice, as DEFINITION."
  (let ((advised (advice--symbol-function symbol)))
    (cond ((advice--waits-p definition)
           (put symbol 'advice--pending (advice--rebase advised nil))
           (fset symbol definition))
          (t
           (put symbol 'advice--pending nil)
           (fset symbol
                 (if (eq 'macro (car-safe definition))
                     (cons 'macro (advice--rebase advised (cdr definition)))
                   (advice--rebase advised definition)))))))

(defun advice-add (symbol how function &optional props)
  "Put FUNCTION, HOW advice is, around the function called SYMBOL.
PROPS is an alist, in which `name' and `depth' have a meaning."
  (advice--set-symbol-function
   symbol
   (advice--make how (advice--symbol-function symbol) function props))
  (put symbol 'defalias-fset-function #'advice--defalias-fset)
  nil)

(defun advice-remove (symbol function)
  "Remove the advice FUNCTION, or called so, from the function called SYMBOL."
  (let ((advised (advice--symbol-function symbol)))
    (when (advice--tail advised function)
      (setq advised (advice--without advised function))
      (advice--set-symbol-function symbol advised)
      (unless (advice--p advised)
        (put symbol 'defalias-fset-function nil))))
  nil)

(defun advice-mapc (f symbol)
  "Call F with each piece of advice of SYMBOL and its properties."
  (advice-function-mapc f (advice--symbol-function symbol)))

(defun advice-member-p (advice symbol)
  "Return non-nil if ADVICE, a function or a name, is around SYMBOL."
  (advice-function-member-p advice (advice--symbol-function symbol)))

(defmacro define-advice (symbol args &rest body)
  "Define advice of SYMBOL that does BODY and add it.
ARGS is (HOW LAMBDA-LIST [NAME [DEPTH]]); the function is SYMBOL@NAME."
  (declare (indent 2) (doc-string 3))
  (unless (listp args)
    (signal 'wrong-type-argument (list 'listp args)))
  (unless (<= 2 (length args) 4)
    (signal 'wrong-number-of-arguments (list 2 4 (length args))))
  (let* ((how (nth 0 args))
         (name (nth 2 args))
         (depth (nth 3 args))
         (props (and depth `('((depth . ,depth)))))
         (function (cond ((null name) nil)
                         ((or (stringp name) (symbolp name))
                          (intern (format "%s@%s" symbol name)))
                         (t (error "Unrecognized name spec `%S'" name)))))
    `(prog1 ,@(and function `((defun ,function ,(nth 1 args) ,@body)))
       (advice-add ',symbol ,how
                   #',(or function `(lambda ,(nth 1 args) ,@body))
                   ,@props))))

(provide 'nadvice)

;;; nadvice.el ends here
