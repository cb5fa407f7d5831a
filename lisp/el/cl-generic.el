;;; cl-generic.el --- Generic functions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A generic function is a record, the property `cl--generic' of its name.  Its
;; methods are records too, and files compiled by Emacs define them as ours do.
;; The first call with arguments of given types sorts the methods that apply by
;; how special they are, and makes one function of them, which is kept under
;; the tags of the arguments.

;;; Code:

(require 'cl-lib)
(require 'cl-preloaded)
(require 'gv)

(define-error 'cl-no-method "No method")
(define-error 'cl-no-next-method "No next method" 'cl-no-method)
(define-error 'cl-no-primary-method "No primary method" 'cl-no-method)
(define-error 'cl-no-applicable-method "No applicable method" 'cl-no-method)

;;;; Generic functions and methods

;; #s(cl--generic NAME TESTS METHODS OPTIONS CACHE ORDER): TESTS has for each
;; argument that methods look at the values and the heads they ask for, ORDER
;; the indices of arguments in order of importance.

(defun cl--generic (name)
  "Return the generic function called NAME, or nil."
  (get name 'cl--generic))

(defun cl--generic-name (generic) "Return the name of GENERIC." (aref generic 1))

(defun cl--generic-method-table (generic)
  "Return the methods of GENERIC."
  (aref generic 3))

;; #s(cl--generic-method SPECIALIZERS QUALIFIERS USES-CNM FUNCTION): FUNCTION
;; takes a function that calls the next method in front of the arguments if
;; USES-CNM.

(defun cl--generic-method-specializers (method)
  "Return the specializers of METHOD."
  (aref method 1))
(defun cl--generic-method-qualifiers (method)
  "Return the qualifiers of METHOD."
  (aref method 2))
(defun cl--generic-method-uses-cnm (method)
  "Return non-nil if METHOD calls the next one."
  (aref method 3))
(defun cl--generic-method-function (method)
  "Return the function of METHOD."
  (aref method 4))

(defalias 'cl-method-qualifiers #'cl--generic-method-qualifiers)

(defun cl--generic-setf-name (name)
  "Return the symbol of the generic function NAME, which may be (setf PLACE)."
  (if (eq (car-safe name) 'setf)
      (gv-setter (cadr name))
    name))

(defun cl-generic-p (f)
  "Return non-nil if F names a generic function."
  (and (symbolp f) (cl--generic f)))

(defun cl-generic-ensure-function (name &optional noerror)
  "Return the generic function called NAME, which becomes one.
If it is an ordinary function, signal an error, or replace it if NOERROR."
  (while (and (null (cl--generic name))
              (symbolp (symbol-function name))
              (symbol-function name))
    (setq name (symbol-function name)))
  (unless (or (not (fboundp name))
              (autoloadp (symbol-function name))
              (cl--generic name)
              noerror)
    (error "%s is already defined as something else than a generic function"
           name))
  (or (cl--generic name)
      (put name 'cl--generic
           (record 'cl--generic name nil nil nil
                   (make-hash-table :test 'equal) nil))))

(defun cl-generic-all-functions (&optional type)
  "Return a list of the generic functions with methods for TYPE, or of all."
  (let ((found nil))
    (mapatoms
     (lambda (symbol)
       (let ((generic (cl--generic symbol)))
         (when (and generic
                    (or (null type)
                        (cl-some (lambda (method)
                                   (cl-member
                                    type
                                    (cl--generic-method-specializers method)
                                    :test #'equal))
                                 (cl--generic-method-table generic))))
           (push symbol found)))))
    found))

;;;; Dispatch

(defun cl--generic-known-type-p (type)
  "Return non-nil if methods can be specialized by TYPE, a symbol."
  (or (eq type t)
      (get type 'cl--class)
      ;; Its class is there as soon as there is an object of it.
      (eq type 'cl-structure-object)
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
     ((assq type cl--typeof-types)
      (setq types (copy-sequence (assq type cl--typeof-types))))
     ((functionp object) (setq types (list 'function 'atom)))
     ;; A record is of its own type, which is of no other.
     (t (setq types (list type))))
    (append (list (list 'eql object))
            (and (consp object) (list (list 'head (car object))))
            types
            '(t))))

(defun cl--generic-tag (tests object)
  "Return what tells apart the objects that methods tell apart.
TESTS are the values and the heads they ask for, OBJECT is an argument."
  (cond ((and (car tests) (memql object (car tests))) (list 'eql object))
        ((and (cdr tests) (consp object) (memql (car object) (cdr tests)))
         (list 'head (car object)))
        ((null object) 'null)
        (t (type-of object))))

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
        (specializers (cl--generic-method-specializers method)))
    (while (and types applies)
      (let ((rank (cl--generic-rank (if specializers (car specializers) t)
                                    (car types))))
        (if rank
            (push rank ranks)
          (setq applies nil)))
      (setq specializers (cdr specializers)
            types (cdr types)))
    (and applies (cons (nreverse ranks) method))))

(defun cl--generic-before-p (a b order)
  "Return non-nil if the ranked method A is more special than B.
ORDER has the indices of arguments in order of importance, or is nil."
  (let ((one (car a))
        (two (car b)))
    (when order
      (setq one (mapcar (lambda (i) (nth i (car a))) order)
            two (mapcar (lambda (i) (nth i (car b))) order)))
    (while (and one two (eql (car one) (car two)))
      (setq one (cdr one)
            two (cdr two)))
    (cond ((and (car one) (car two)) (< (car one) (car two)))
          ;; An extra method goes before the one it is added to.
          (t (and (memq :extra (cl--generic-method-qualifiers (cdr a)))
                  (not (memq :extra
                             (cl--generic-method-qualifiers (cdr b)))))))))

(defun cl--generic-applicable (generic args)
  "Return the methods of GENERIC that apply to ARGS, the most special first."
  (let ((types nil)
        (left args)
        (order (aref generic 6)))
    (dolist (_ (aref generic 2))
      (push (cl--generic-types (pop left)) types))
    (setq types (nreverse types))
    (mapcar #'cdr
            (sort (delq nil (mapcar (lambda (method)
                                      (cl--generic-ranks method types))
                                    (cl--generic-method-table generic)))
                  (lambda (a b) (cl--generic-before-p a b order))))))

(defun cl--generic-with (qualifier methods)
  "Return those of METHODS that have QUALIFIER; nil stands for the primary ones."
  (let ((found nil))
    (dolist (method methods)
      (let ((qualifiers (cl--generic-method-qualifiers method)))
        (when (eq (car qualifiers) :extra)
          (setq qualifiers (cddr qualifiers)))
        (when (eq (car qualifiers) qualifier)
          (push method found))))
    (nreverse found)))

(defun cl--generic-effective (generic args)
  "Return the function that does the methods of GENERIC that apply to ARGS."
  (let* ((methods (cl--generic-applicable generic args))
         (around (cl--generic-with :around methods))
         (before (cl--generic-with :before methods))
         (after (reverse (cl--generic-with :after methods)))
         (primary (cl--generic-with nil methods)))
    (cond
     ((null methods)
      (lambda (&rest args) (apply #'cl-no-applicable-method generic args)))
     ((null primary)
      (lambda (&rest args) (apply #'cl-no-primary-method generic args)))
     (t
      (let ((inner (cl--generic-chain generic primary nil)))
        (when (or before after)
          (setq before (cl--generic-each generic before)
                after (cl--generic-each generic after))
          (let ((middle inner))
            (setq inner (lambda (&rest args)
                          (dolist (function before)
                            (apply function args))
                          (prog1 (apply middle args)
                            (dolist (function after)
                              (apply function args)))))))
        (if around
            (cl--generic-chain generic around inner)
          inner))))))

(defun cl--generic-each (generic methods)
  "Return functions that do each of METHODS of GENERIC."
  (mapcar (lambda (method) (cl--generic-chain generic (list method) nil))
          methods))

(defconst cl--generic-query (make-symbol "next-method-p")
  "The argument by which the caller of the next method is asked if there is one.")

(defun cl--generic-isnot-nnm-p (cnm)
  "Return non-nil if there is a next method that CNM calls."
  (funcall cnm cl--generic-query))

(defun cl--generic-chain (generic methods last)
  "Return a function that calls METHODS of GENERIC, each the next of the former.
LAST is the next of the last one, or nil."
  (let* ((method (car methods))
         (function (cl--generic-method-function method)))
    (if (not (cl--generic-method-uses-cnm method))
        function
      (let* ((more (or (cdr methods) last))
             (next (cond ((cdr methods)
                          (cl--generic-chain generic (cdr methods) last))
                         (last)
                         (t (lambda (&rest args)
                              (apply #'cl-no-next-method
                                     generic method args))))))
        (lambda (&rest args)
          (apply function
                 (lambda (&rest others)
                   (if (eq (car others) cl--generic-query)
                       (and more t)
                     (apply next (or others args))))
                 args))))))

(defun cl--generic-call (generic args)
  "Call GENERIC with ARGS, as many as methods look at or more."
  (let* ((left args)
         (tags (mapcar (lambda (tests) (cl--generic-tag tests (pop left)))
                       (aref generic 2)))
         (cache (aref generic 5)))
    (apply (or (gethash tags cache)
               (puthash tags (cl--generic-effective generic args) cache))
           args)))

(defun cl--generic-make-function (generic)
  "Return a function that calls GENERIC; it takes what methods look at."
  (let* ((tests (aref generic 2))
         (first (car tests))
         (cache (aref generic 5)))
    (clrhash cache)
    (cond
     ((null tests) (lambda (&rest args) (cl--generic-call generic args)))
     ((null (cdr tests))
      (lambda (arg &rest args)
        (let ((tag (cl--generic-tag first arg)))
          (apply (or (gethash tag cache)
                     (puthash tag
                              (cl--generic-effective generic (cons arg args))
                              cache))
                 arg args))))
     ((null (cddr tests))
      (lambda (arg1 arg2 &rest args)
        (cl--generic-call generic (cons arg1 (cons arg2 args)))))
     (t
      (let ((names (mapcar (lambda (_) (make-symbol "arg")) tests)))
        (eval `(lambda (,@names &rest args)
                 (cl--generic-call ,generic (append (list ,@names) args)))
              t))))))

;;;; Definition

(defun cl--generic-specializer (specializer)
  "Return SPECIALIZER as it is kept, from what is written in a method."
  (cond
   ((eq (car-safe specializer) 'eql)
    ;; A symbol by itself stands for itself, as it used to.
    (let ((form (cadr specializer)))
      (list 'eql (if (consp form) (eval form t) form))))
   ((eq (car-safe specializer) 'head)
    (let ((form (cadr specializer)))
      (list 'head (if (consp form) (eval form t) form))))
   ((and (symbolp specializer) (cl--generic-known-type-p specializer))
    specializer)
   (t (error "Unknown specializer %S" specializer))))

(defun cl--generic-arglist (args)
  "Return the plain argument list and the specializers of ARGS."
  (let ((plain nil)
        (specializers nil))
    (when (memq '&context args)
      (error "Methods cannot look at the context: %S" args))
    (while (and args (not (memq (car args)
                                '(&optional &rest &key &body &aux
                                            &allow-other-keys))))
      (let ((arg (pop args)))
        (if (consp arg)
            (progn (push (car arg) plain)
                   (push (cadr arg) specializers))
          (push arg plain)
          (push t specializers))))
    (list (append (nreverse plain) args) (nreverse specializers))))

(defun cl--generic-note-tests (generic specializers)
  "Note in GENERIC the values that SPECIALIZERS ask for."
  (let ((width (length specializers))
        (tests (aref generic 2)))
    (while (and (> width 0) (eq (nth (1- width) specializers) t))
      (setq width (1- width)))
    (while (< (length tests) width)
      (setq tests (append tests (list (cons nil nil)))))
    (aset generic 2 tests)
    (while specializers
      (let ((specializer (pop specializers))
            (test (pop tests)))
        (cond ((eq (car-safe specializer) 'eql)
               (cl-pushnew (cadr specializer) (car test)))
              ((eq (car-safe specializer) 'head)
               (cl-pushnew (cadr specializer) (cdr test))))))))

(defun cl-generic-define (name args options)
  "Return the function of the generic function NAME with ARGS and OPTIONS."
  (let* ((generic (cl-generic-ensure-function name 'noerror))
         (order (cdr (assq :argument-precedence-order options)))
         (plain (car (cl--generic-arglist args))))
    (unless (fboundp name)
      (aset generic 2 nil)
      (aset generic 3 nil))
    (aset generic 4 options)
    (aset generic 6 (mapcar (lambda (arg) (cl-position arg plain)) order))
    (cl--generic-make-function generic)))

(defun cl-generic-define-method (name qualifiers args uses-cnm function)
  "Add the method FUNCTION with ARGS to the generic function NAME.
It replaces one with the same QUALIFIERS and specializers.  USES-CNM says that
FUNCTION takes a function that calls the next method first."
  (let ((plain (if (eq (car qualifiers) :extra) (cddr qualifiers) qualifiers)))
    (unless (member plain '(nil (:before) (:after) (:around)))
      (error "Unsupported qualifiers in function %S: %S" name plain)))
  (let* ((generic (cl-generic-ensure-function name))
         (specializers (mapcar (lambda (specializer)
                                 (if (eq specializer t)
                                     t
                                   (cl--generic-specializer specializer)))
                               (cadr (cl--generic-arglist args))))
         (method (record 'cl--generic-method specializers qualifiers uses-cnm
                         function))
         (known (cl-member-if
                 (lambda (other)
                   (and (equal (cl--generic-method-qualifiers other) qualifiers)
                        (equal (cl--generic-method-specializers other)
                               specializers)))
                 (cl--generic-method-table generic))))
    (if known
        (setcar known method)
      (aset generic 3 (cons method (cl--generic-method-table generic))))
    (cl--generic-note-tests generic specializers)
    (defalias (cl--generic-name generic) (cl--generic-make-function generic))))

(defun cl-find-method (generic qualifiers specializers)
  "Return the method of GENERIC with QUALIFIERS and SPECIALIZERS, or nil."
  (let ((generic (if (symbolp generic) (cl--generic generic) generic)))
    (cl-find-if (lambda (method)
                  (and (equal (cl--generic-method-qualifiers method) qualifiers)
                       (equal (cl--generic-method-specializers method)
                              specializers)))
                (cl--generic-method-table generic))))

(defmacro cl-defgeneric (name args &rest options-and-methods)
  "Define NAME as a generic function with ARGS.
OPTIONS-AND-METHODS are documentation, declarations, `(:method ARGS BODY...)',
and the body of the default method."
  (declare (indent 2) (doc-string 3))
  (let* ((symbol (cl--generic-setf-name name))
         (plain (car (cl--generic-arglist args)))
         (docstring (and (stringp (car options-and-methods))
                         (pop options-and-methods)))
         (forms nil)
         (options nil)
         (methods nil))
    (while (or (keywordp (car-safe (car options-and-methods)))
               (eq 'declare (car-safe (car options-and-methods))))
      (let ((option (pop options-and-methods)))
        (cond ((eq (car option) :method)
               (push `(cl-defmethod ,name ,@(cdr option)) methods))
              ((eq (car option) :documentation)
               (setq docstring (cadr option)))
              ((eq (car option) 'declare)
               (dolist (declaration (cdr option))
                 (let ((form (cl--generic-declaration symbol declaration)))
                   (when form
                     (push form forms)))))
              (t (push option options)))))
    (when options-and-methods
      (push `(cl-defmethod ,name ,plain ,@options-and-methods) methods))
    `(prog1
         (progn
           (defalias ',symbol
             (cl-generic-define ',symbol ',plain ',(nreverse options))
             ,@(and docstring (list docstring)))
           :autoload-end
           ,@(nreverse methods))
       ,@(nreverse forms))))

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
  (let ((symbol (cl--generic-setf-name name))
        (qualifiers nil))
    (while (not (listp (car rest)))
      (push (pop rest) qualifiers))
    (let* ((args (pop rest))
           (lambda (cl--generic-lambda (car (cl--generic-arglist args)) rest)))
      `(progn
         (declare-function ,symbol "")
         (cl-generic-define-method
          ',symbol ',(nreverse qualifiers) ',args
          ,(car lambda) ,(cdr lambda))))))

(defun cl--generic-lambda (args body)
  "Return whether BODY calls the next method, and the function of ARGS and BODY.
If it does, the function takes what calls that method first."
  (let* ((cnm (make-symbol "cl--cnm"))
         (nmp (make-symbol "cl--nmp"))
         (parsed (macroexp-parse-body body))
         (expanded (macroexpand-all
                    `(cl-function
                      (lambda ,args
                        ,@(car parsed)
                        (cl-flet ((cl-call-next-method ,cnm)
                                  (cl-next-method-p ,nmp))
                          ,@(cdr parsed))))
                    macroexpand-all-environment))
         (asks (cl--defsubst-mentions nmp expanded)))
    (if (not (or asks (cl--defsubst-mentions cnm expanded)))
        (cons nil expanded)
      (let* ((function (cadr expanded))
             (inner (macroexp-parse-body (cddr function))))
        (cons t
              `#'(lambda (,cnm ,@(cadr function))
                   ,@(car inner)
                   ,@(if asks
                         `((let ((,nmp (lambda ()
                                         (cl--generic-isnot-nnm-p ,cnm))))
                             ,@(cdr inner)))
                       (cdr inner))))))))

(defun cl-call-next-method (&rest _args)
  "Signal that this is only for methods."
  (error "cl-call-next-method only allowed inside primary and around methods"))

(defun cl-next-method-p ()
  "Signal that this is only for methods."
  (error "cl-next-method-p only allowed inside primary and around methods"))

;;;; What is called in place of methods

(cl-defgeneric cl-no-applicable-method (generic &rest args)
  "Signal that GENERIC has no method for ARGS."
  (signal 'cl-no-applicable-method (cons (cl--generic-name generic) args)))

(cl-defgeneric cl-no-next-method (generic method &rest args)
  "Signal that the METHOD of GENERIC has no next one for ARGS."
  (signal 'cl-no-next-method
          (cons (cl--generic-name generic) (cons method args))))

(cl-defgeneric cl-no-primary-method (generic &rest args)
  "Signal that only auxiliary methods of GENERIC apply to ARGS."
  (signal 'cl-no-primary-method (cons (cl--generic-name generic) args)))

(provide 'cl-generic)

;;; cl-generic.el ends here
