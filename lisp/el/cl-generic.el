;;; cl-generic.el --- Generic functions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; The methods of a generic function are the property `cl--generic-methods' of
;; its name: (SPECIALIZERS QUALIFIER EXTRA FUNCTION) for each.  FUNCTION takes
;; a function that calls the next method, or nil, and the arguments.  A call
;; sorts the methods that apply by how special they are, argument by argument.

;;; Code:

(require 'cl-lib)

(define-error 'cl-no-method "No method")
(define-error 'cl-no-next-method "No next method" 'cl-no-method)
(define-error 'cl-no-primary-method "No primary method" 'cl-no-method)
(define-error 'cl-no-applicable-method "No applicable method" 'cl-no-method)

(defconst cl--typeof-types
  '((integer number number-or-marker atom)
    (float number atom)
    (null boolean symbol list sequence atom)
    (boolean symbol atom)
    (symbol atom)
    (string array sequence atom)
    (cons list sequence)
    (marker number-or-marker atom)
    (vector array sequence atom)
    (bool-vector array sequence atom)
    (char-table array sequence atom)
    (compiled-function function atom)
    (subr function atom)
    (hash-table atom)
    (buffer atom)
    (process atom)
    (window atom)
    (frame atom)
    (mutex atom)
    (thread atom)
    (font-spec atom)
    (overlay atom))
  "The types of objects with those they are kinds of, the nearest first.")

(defun cl--generic-known-type-p (type)
  "Return non-nil if methods can be specialized by TYPE, a symbol."
  (or (eq type t)
      (get type 'cl--class)
      (assq type cl--typeof-types)
      (let ((found nil))
        (dolist (row cl--typeof-types)
          (when (memq type row)
            (setq found t)))
        found)))

(defun cl--generic-types (object)
  "Return the specializers that OBJECT fits, the most special first."
  (let* ((type (type-of object))
         (class (and (recordp object) (get type 'cl--class)))
         (types nil))
    (cond
     (class
      (while class
        (push (aref class 1) types)
        (setq class (car (aref class 3))))
      (setq types (nreverse (cons 'atom types))))
     ((null object) (setq types (copy-sequence (assq 'null cl--typeof-types))))
     ((eq object t) (setq types (copy-sequence
                                 (assq 'boolean cl--typeof-types))))
     ((assq type cl--typeof-types)
      (setq types (copy-sequence (assq type cl--typeof-types))))
     ((functionp object) (setq types (list 'function 'atom)))
     (t (setq types (list type 'atom))))
    (append (list (list 'eql object))
            (and (consp object) (list (list 'head (car object))))
            types
            '(t))))

(defun cl--generic-rank (specializer types)
  "Return the place of SPECIALIZER among TYPES, those of an argument, or nil."
  (let ((rank 0)
        (found nil))
    (while (and types (not found))
      (let ((type (car types)))
        (when (or (eq type specializer)
                  (and (consp type) (consp specializer)
                       (eq (car type) (car specializer))
                       (eql (cadr type) (cadr specializer))))
          (setq found rank)))
      (setq rank (1+ rank)
            types (cdr types)))
    found))

(defun cl--generic-ranks (method types)
  "Return the ranks of METHOD for arguments of TYPES and METHOD itself.
The value is nil if it does not apply."
  (let ((ranks nil)
        (applies t)
        (specializers (car method)))
    (while (and (or specializers types) applies)
      (let ((rank (cl--generic-rank (if specializers (car specializers) t)
                                    (or (car types) '(t)))))
        (if rank
            (push rank ranks)
          (setq applies nil)))
      (setq specializers (cdr specializers)
            types (cdr types)))
    (and applies (cons (nreverse ranks) method))))

(defun cl--generic-before-p (a b)
  "Return non-nil if the ranked method A is more special than B."
  (let ((one (car a))
        (two (car b)))
    (while (and one two (= (car one) (car two)))
      (setq one (cdr one)
            two (cdr two)))
    (cond ((and one two) (< (car one) (car two)))
          ;; An extra method goes before the one it is added to.
          (t (and (nth 3 a) (not (nth 3 b)))))))

(defun cl--generic-applicable (name args)
  "Return the methods of NAME that apply to ARGS, the most special first."
  (let* ((methods (get name 'cl--generic-methods))
         (width (apply #'max 0 (mapcar (lambda (m) (length (car m))) methods)))
         (types nil)
         (left args))
    (while (and left (> width 0))
      (push (cl--generic-types (pop left)) types)
      (setq width (1- width)))
    (setq types (nreverse types))
    (mapcar #'cdr
            (sort (delq nil (mapcar (lambda (method)
                                      (cl--generic-ranks method types))
                                    methods))
                  #'cl--generic-before-p))))

(defun cl--generic-with (qualifier methods)
  "Return those of METHODS that have QUALIFIER."
  (delq nil (mapcar (lambda (method)
                      (and (eq (nth 1 method) qualifier) method))
                    methods)))

(defun cl--generic-call (name args)
  "Call the generic function NAME with ARGS."
  (let* ((arity (get name 'cl--generic-arity))
         (methods (cl--generic-applicable name args)))
    (when (or (< (length args) (car arity))
              (and (integerp (cdr arity)) (> (length args) (cdr arity))))
      (signal 'wrong-number-of-arguments (list arity (length args))))
    (cond
     ((null methods) (apply #'cl-no-applicable-method name args))
     ((null (cl--generic-with nil methods))
      (apply #'cl-no-primary-method name args))
     (t
      (let ((around (cl--generic-with :around methods))
            (before (cl--generic-with :before methods))
            (after (reverse (cl--generic-with :after methods)))
            (primary (cl--generic-with nil methods)))
        (apply
         (cl--generic-chain
          name around
          (if (or before after)
              (lambda (&rest args)
                (dolist (method before)
                  (apply (nth 3 method) nil args))
                (prog1 (apply (cl--generic-chain name primary nil) args)
                  (dolist (method after)
                    (apply (nth 3 method) nil args))))
            (cl--generic-chain name primary nil)))
         args))))))

(defun cl--generic-chain (name methods last)
  "Return a function that calls METHODS of NAME, each the next of the one before.
LAST is the next of the last one, or nil."
  (if (null methods)
      (or last
          (lambda (&rest args) (apply #'cl-no-next-method name nil args)))
    (let* ((method (car methods))
           (more (or (cdr methods) last))
           (next nil))
      (lambda (&rest args)
        (unless next
          (setq next (cl--generic-chain name (cdr methods) last)))
        (apply (nth 3 method)
               (list next (and more t) args)
               args)))))

(defun cl-no-applicable-method (generic &rest args)
  "Signal that GENERIC has no method for ARGS."
  (signal 'cl-no-applicable-method (cons generic args)))

(defun cl-no-next-method (generic method &rest args)
  "Signal that the METHOD of GENERIC has no next one for ARGS."
  (signal 'cl-no-next-method (cons generic (cons method args))))

(defun cl-no-primary-method (generic &rest args)
  "Signal that only auxiliary methods of GENERIC apply to ARGS."
  (signal 'cl-no-primary-method (cons generic args)))

(defun cl-call-next-method (&rest _args)
  "Signal that this is only for methods."
  (error "cl-call-next-method only allowed inside primary and around methods"))

(defun cl-next-method-p ()
  "Signal that this is only for methods."
  (error "cl-next-method-p only allowed inside primary and around methods"))

;;;; Definition

(defun cl--generic-name (name)
  "Return the symbol of the generic function NAME, which may be (setf PLACE)."
  (if (eq (car-safe name) 'setf)
      (progn (require 'gv)
             (gv-setter (cadr name)))
    name))

(defun cl--generic-ensure (name)
  "Make NAME a generic function, if it is none; what it was stays a method."
  (unless (get name 'cl--generic-methods)
    (let ((old (and (fboundp name) (symbol-function name))))
      (when (autoloadp old)
        (autoload-do-load old name)
        (setq old (symbol-function name)))
      (put name 'cl--generic-arity (cons 0 'many))
      (when (and old (not (get name 'cl--generic-p)))
        (put name 'cl--generic-arity (func-arity old))
        (put name 'cl--generic-methods
             (list (list nil nil nil
                         (lambda (_next &rest args) (apply old args))))))))
  (put name 'cl--generic-p t)
  (defalias name (lambda (&rest args) (cl--generic-call name args))))

(defun cl-generic-p (f)
  "Return non-nil if F names a generic function."
  (and (symbolp f) (get f 'cl--generic-p)))

(defun cl-generic-define (name arity)
  "Define NAME as a generic function of ARITY without methods."
  (put name 'cl--generic-methods nil)
  (put name 'cl--generic-p t)
  (put name 'cl--generic-arity arity)
  (defalias name (lambda (&rest args) (cl--generic-call name args))))

(defun cl-generic-define-method (name qualifier extra specializers arity
                                      function)
  "Add the method FUNCTION to NAME for SPECIALIZERS.
It replaces one of the same QUALIFIER and EXTRA.  ARITY is that of its
argument list."
  (let ((fresh (not (cl-generic-p name))))
    (when fresh
      (cl--generic-ensure name))
    (when (and fresh (null (get name 'cl--generic-methods)))
      (put name 'cl--generic-arity arity))
    ;; Methods may take more than others, as optional arguments.
    (let ((known (get name 'cl--generic-arity)))
      (put name 'cl--generic-arity
           (cons (min (car known) (car arity))
                 (if (or (eq (cdr known) 'many) (eq (cdr arity) 'many))
                     'many
                   (max (cdr known) (cdr arity))))))
    (let ((rest (cl-remove-if
                 (lambda (method)
                   (and (eq (nth 1 method) qualifier)
                        (equal (nth 2 method) extra)
                        (cl--generic-same-p (car method) specializers)))
                 (get name 'cl--generic-methods))))
      (put name 'cl--generic-methods
           (cons (list specializers qualifier extra function) rest)))
    name))

(defun cl--generic-same-p (a b)
  "Return non-nil if the lists of specializers A and B are the same.
What is missing at the end stands for t."
  (let ((same t))
    (while (and same (or a b))
      (setq same (equal (if a (car a) t) (if b (car b) t))
            a (cdr a)
            b (cdr b)))
    same))

(defun cl--generic-specializer (specializer)
  "Return a form that gives SPECIALIZER, as written in a method."
  (cond
   ((eq (car-safe specializer) 'eql)
    (let ((form (cadr specializer)))
      ;; A symbol by itself stands for itself, as it used to.
      (if (and (symbolp form) (not (keywordp form)) form (not (eq form t)))
          `'(eql ,form)
        `(list 'eql ,form))))
   ((eq (car-safe specializer) 'head)
    (let ((form (cadr specializer)))
      (if (symbolp form) `'(head ,form) `(list 'head ,form))))
   ((and (symbolp specializer) (cl--generic-known-type-p specializer))
    `',specializer)
   (t (error "Unknown specializer %S" specializer))))

(defun cl--generic-arglist (args)
  "Return the plain argument list and the specializers of ARGS."
  (let ((plain nil)
        (specializers nil))
    (while (and args (not (memq (car args)
                                '(&optional &rest &key &body &aux
                                            &allow-other-keys))))
      (let ((arg (pop args)))
        (if (consp arg)
            (progn (push (car arg) plain)
                   (push (cadr arg) specializers))
          (push arg plain)
          (push t specializers))))
    (while (eq (car specializers) t)
      (pop specializers))
    (list (append (nreverse plain) args) (nreverse specializers))))

(defun cl--generic-arity (args)
  "Return the arity of the plain argument list ARGS."
  (let ((least 0)
        (most 0)
        (optional nil))
    (while (and args (not (eq most 'many)))
      (let ((arg (pop args)))
        (cond ((eq arg '&optional) (setq optional t))
              ((memq arg '(&rest &key &body)) (setq most 'many))
              ((eq arg '&aux) (setq args nil))
              (t (setq most (1+ most))
                 (unless optional
                   (setq least (1+ least)))))))
    (cons least most)))

(defmacro cl-defgeneric (name args &rest options-and-methods)
  "Define NAME as a generic function with ARGS.
OPTIONS-AND-METHODS are documentation, declarations, `(:method ARGS BODY...)',
and the body of the default method."
  (declare (indent 2) (doc-string 3))
  (let* ((symbol (cl--generic-name name))
         (plain (car (cl--generic-arglist args)))
         (forms nil)
         (methods nil))
    (when (stringp (car options-and-methods))
      (pop options-and-methods))
    (while (or (keywordp (car-safe (car options-and-methods)))
               (eq 'declare (car-safe (car options-and-methods))))
      (let ((option (pop options-and-methods)))
        (cond ((eq (car option) :method)
               (push `(cl-defmethod ,name ,@(cdr option)) methods))
              ((eq (car option) 'declare)
               (dolist (declaration (cdr option))
                 (let ((form (cl--generic-declaration symbol declaration)))
                   (when form
                     (push form forms))))))))
    (when options-and-methods
      (push `(cl-defmethod ,name ,plain ,@options-and-methods) methods))
    `(progn
       (cl-generic-define ',symbol ',(cl--generic-arity plain))
       ,@(nreverse forms)
       ,@(nreverse methods)
       ',symbol)))

(defun cl--generic-declaration (name declaration)
  "Return a form for DECLARATION of the function NAME, or nil."
  (let ((property (cdr (assq (car declaration)
                             '((indent . lisp-indent-function)
                               (doc-string . doc-string-elt)
                               (pure . pure)
                               (side-effect-free . side-effect-free))))))
    (cond (property `(function-put ',name ',property ',(cadr declaration)))
          ((eq (car declaration) 'obsolete)
           `(make-obsolete ',name ,@(mapcar (lambda (x) `',x)
                                            (cdr declaration))))
          ((eq (car declaration) 'gv-setter)
           `(gv-define-simple-setter ,name ,@(cdr declaration)))
          ((eq (car declaration) 'gv-expander)
           `(gv-define-expander ,name ,(cadr declaration))))))

(defmacro cl-defmethod (name &rest rest)
  "Define a method of the generic function NAME.
REST is [:extra STRING] [QUALIFIER] ARGS [DOCSTRING] BODY..., where an argument
may be (VARIABLE SPECIALIZER)."
  (declare (doc-string cl--defmethod-doc-pos) (indent defun))
  (let* ((symbol (cl--generic-name name))
         (extra (when (eq (car rest) :extra)
                  (pop rest)
                  (pop rest)))
         (qualifier nil)
         (args nil))
    (let ((qualifiers nil))
      (while (not (listp (car rest)))
        (push (pop rest) qualifiers))
      (when (or (cdr qualifiers)
                (and qualifiers
                     (not (memq (car qualifiers) '(:before :after :around)))))
        (error "Unsupported qualifiers in function %S: %S"
               symbol (nreverse qualifiers)))
      (setq qualifier (car qualifiers)))
    (setq args (pop rest))
    (let* ((parts (cl--generic-arglist args))
           (plain (car parts))
           (next (make-symbol "next"))
           (parsed (macroexp-parse-body rest)))
      `(cl-generic-define-method
        ',symbol ,qualifier ,extra
        (list ,@(mapcar #'cl--generic-specializer (cadr parts)))
        ',(cl--generic-arity plain)
        (cl-function
         (lambda (,next ,@plain)
           ,@(cl-remove-if-not #'stringp (car parsed))
           (cl-flet ((cl-call-next-method (&rest args)
                       (cl--generic-next ,next args))
                     (cl-next-method-p () (nth 1 ,next)))
             ,@(cdr parsed))))))))

(defun cl--generic-next (next args)
  "Call the method behind the one with NEXT, by ARGS or by the same arguments."
  (unless next
    (error "cl-call-next-method only allowed inside primary and around methods"))
  (apply (car next) (or args (nth 2 next))))

(provide 'cl-generic)

;;; cl-generic.el ends here
