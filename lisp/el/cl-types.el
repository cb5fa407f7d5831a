;;; cl-types.el --- Types of Common Lisp  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'macroexp)
(require 'cl-lib)

(define-error 'cl-assertion-failed "Assertion failed")

(defconst cl--typep-predicates
  '((null . null) (atom . atom) (real . numberp) (float . floatp)
    (number . numberp) (integer . integerp) (fixnum . fixnump)
    (bignum . bignump) (natnum . natnump) (character . characterp)
    (keyword . keywordp) (boolean . booleanp) (symbol . symbolp)
    (string . stringp) (cons . consp) (list . listp) (array . arrayp)
    (sequence . sequencep) (vector . vectorp) (function . functionp)
    (command . commandp) (hash-table . hash-table-p) (record . recordp)
    (bool-vector . bool-vector-p) (char-table . char-table-p)
    (subr . subrp) (compiled-function . byte-code-function-p)
    (marker . markerp) (buffer . bufferp) (process . processp))
  "The predicates of types whose name alone does not tell them, and common ones.")

(defun cl-typep (object type)
  "Return non-nil if OBJECT is of TYPE."
  (cond
   ((eq type t) t)
   ((null type) nil)
   ((symbolp type) (cl--typep-symbol object type))
   ((not (consp type)) (error "Bad type spec: %s" type))
   (t (cl--typep-compound object (car type) (cdr type) type))))

(defun cl--typep-symbol (object type)
  "Return non-nil if OBJECT is of TYPE, a symbol."
  (let ((satisfies (get type 'cl-deftype-satisfies))
        (handler (get type 'cl-deftype-handler)))
    (cond
     (satisfies (and (funcall satisfies object) t))
     (handler (cl-typep object (funcall handler)))
     ((assq type cl--typep-predicates)
      (and (funcall (cdr (assq type cl--typep-predicates)) object) t))
     ((get type 'cl--class)
      (and (memq (type-of object)
                 (symbol-value (aref (get type 'cl--class) 10)))
           t))
     (t
      (let* ((name (symbol-name type))
             (short (intern-soft (concat name "p")))
             (long (intern-soft (concat name "-p"))))
        (cond ((and short (fboundp short)) (funcall short object))
              ((and long (fboundp long)) (funcall long object))
              ((fboundp type) (funcall type object))
              (t (error "Unknown type %S" type))))))))

(defun cl--typep-compound (object head args type)
  "Return non-nil if OBJECT is of TYPE, whose HEAD has the arguments ARGS."
  (cond
   ((eq head 'not) (not (cl-typep object (car args))))
   ((eq head 'or)
    (let ((found nil))
      (while (and args (not found))
        (setq found (cl-typep object (pop args))))
      found))
   ((eq head 'and)
    (let ((all t))
      (while (and args all)
        (setq all (cl-typep object (pop args))))
      all))
   ((eq head 'member) (and (memql object args) t))
   ((eq head 'eql) (eql object (car args)))
   ((eq head 'satisfies) (and (funcall (car args) object) t))
   ((memq head '(integer float real number))
    (and (cl-typep object head)
         (cl--typep-above object (car args))
         (or (null (cdr args)) (cl--typep-below object (cadr args)))))
   ((get head 'cl-deftype-handler)
    (cl-typep object (apply (get head 'cl-deftype-handler) args)))
   (t (error "Bad type spec: %s" type))))

(defun cl--typep-form (object type)
  "Return a form that tells whether the value of the form OBJECT is of TYPE.
Where it can, that calls predicates, so that TYPE need not be looked up again."
  (let ((predicate (and (symbolp type)
                        (or (get type 'cl-deftype-satisfies)
                            (and (not (get type 'cl-deftype-handler))
                                 (cdr (assq type cl--typep-predicates)))))))
    (cond
     (predicate (list predicate object))
     ((and (memq (car-safe type) '(or and))
           (proper-list-p type)
           (macroexp-copyable-p object))
      (cons (car type)
            (mapcar (lambda (part) (cl--typep-form object part)) (cdr type))))
     ((and (eq (car-safe type) 'not) (consp (cdr type)))
      (list 'not (cl--typep-form object (cadr type))))
     (t `(cl-typep ,object ',type)))))

(defun cl--typep-above (number bound)
  "Return non-nil if NUMBER is not below BOUND, a number, a list of it or `*'."
  (cond ((memq bound '(* nil)) t)
        ((consp bound) (> number (car bound)))
        (t (>= number bound))))

(defun cl--typep-below (number bound)
  "Return non-nil if NUMBER is not above BOUND, a number, a list of it or `*'."
  (cond ((memq bound '(* nil)) t)
        ((consp bound) (< number (car bound)))
        (t (<= number bound))))

(defmacro cl-deftype (name arglist &rest body)
  "Define NAME as a type with ARGLIST that is the type BODY gives."
  (declare (doc-string 3) (indent 2))
  `(cl-eval-when (compile load eval)
     (put ',name 'cl-deftype-handler
          (cl-function
           (lambda ,(cl--arguments-default arglist (lambda (_) '('*)))
             ,@body)))))

(defun cl-coerce (x type)
  "Return X as an object of TYPE."
  (cond ((eq type 'list) (if (listp x) x (append x nil)))
        ((eq type 'vector) (if (vectorp x) x (vconcat x)))
        ((eq type 'bool-vector)
         (if (bool-vector-p x) x (apply #'bool-vector (cl-coerce x 'list))))
        ((eq type 'string) (if (stringp x) x (concat x)))
        ((eq type 'array) (if (arrayp x) x (vconcat x)))
        ((and (eq type 'character) (stringp x) (= (length x) 1)) (aref x 0))
        ((and (eq type 'character) (symbolp x))
         (cl-coerce (symbol-name x) type))
        ((eq type 'float) (float x))
        ((cl-typep x type) x)
        (t (error "Can't coerce %s to type %s" x type))))

;;; cl-types.el ends here
