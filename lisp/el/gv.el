;;; gv.el --- Generalized variables  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A place is a form that can be read and set.  The head of one has the property
;; `gv-expander', a function of DO and the arguments of the place.  It calls DO
;; with a form that reads the place, and with a function from a form to one that
;; sets the place to its value; and it puts bindings around what DO gives.

;;; Code:

(define-error 'gv-invalid-place "Invalid place expression")

;;;###autoload
(defun gv-get (place do)
  "Return what DO gives for the getter and the setter of PLACE."
  (cond ((symbolp place)
         (funcall do place (lambda (value) `(setq ,place ,value))))
        ((not (consp place))
         (signal 'gv-invalid-place (list place)))
        (t
         (let* ((head (car place))
                (expander (and (symbolp head)
                               (function-get head 'gv-expander 'autoload)))
                (expanded nil))
           (cond (expander
                  (apply expander do (cdr place)))
                 ((not (eq place (setq expanded
                                       (macroexpand-1
                                        place macroexpand-all-environment))))
                  (gv-get expanded do))
                 ((not (symbolp head))
                  (signal 'wrong-type-argument (list 'symbolp head)))
                 ;; Accessors that their file's author had expanded in place.
                 ((and (functionp (function-get head 'compiler-macro))
                       (not (eq place
                                (setq expanded
                                      (apply (function-get head 'compiler-macro)
                                             place (cdr place))))))
                  (gv-get expanded do))
                 ((and (symbolp (symbol-function head))
                       (symbol-function head))
                  (gv-get (cons (symbol-function head) (cdr place)) do))
                 (t
                  ;; An unknown place: it is set by a function that may come
                  ;; to exist under the name of the setter.
                  (gv--expand (lambda (value &rest arguments)
                                `(,(gv-setter head) ,value ,@arguments))
                              head do (cdr place))))))))

(defun gv-setter (name)
  "Return the symbol whose function sets the place NAME."
  (intern (concat "(setf " (symbol-name name) ")")))

(defun gv--expand (setter head do arguments)
  "Return what DO gives for the place of HEAD and ARGUMENTS.
SETTER gives the form that sets it, from that of a value and the arguments.
Arguments that are not constant are evaluated once, in order."
  (let ((bindings nil)
        (copies nil))
    (dolist (argument arguments)
      (if (macroexp-const-p argument)
          (push argument copies)
        (let ((variable (make-symbol "v")))
          (push (list variable argument) bindings)
          (push variable copies))))
    (setq copies (nreverse copies))
    (macroexp-let* (nreverse bindings)
                   (funcall do
                            (cons head copies)
                            (lambda (value)
                              (apply setter value copies))))))

(defun gv--set-twice (value form)
  "Return a form that binds a variable to VALUE, does FORM of it and gives it.
FORM is a function from the variable to a form."
  (macroexp-let2 nil v value
    `(progn ,(funcall form v) ,v)))

;;;; Definitions

;;;###autoload
(defmacro gv-define-expander (name handler)
  "Make the function HANDLER the expander of places of NAME."
  `(function-put ',name 'gv-expander ,handler))

;;;###autoload
(defmacro gv-define-setter (name arglist &rest body)
  "Define how places of NAME are set.
ARGLIST names the form of the new value and those of the place's arguments;
BODY gives the form that sets the place."
  `(gv-define-expander ,name
     (lambda (do &rest arguments)
       (gv--expand (lambda ,arglist ,@body) ',name do arguments))))

;;;###autoload
(defmacro gv-define-simple-setter (name setter &optional fix-return)
  "Define the function SETTER as what sets places of NAME.
It is called with the arguments of the place and the new value.  If FIX-RETURN,
it may return something else than that value."
  `(gv-define-setter ,name (value &rest arguments)
     ,(if fix-return
          `(gv--set-twice value
                          (lambda (v) (cons ',setter
                                            (append arguments (list v)))))
        `(cons ',setter (append arguments (list value))))))

;;;###autoload
(defmacro gv-letplace (vars place &rest body)
  "Do BODY, which gives a form, with VARS bound to getter and setter of PLACE."
  `(gv-get ,place (lambda ,vars ,@body)))

;;;; Macros of places

;;;###autoload
(defmacro setf (&rest args)
  "Set each PLACE to the value of the VAL behind it, in order."
  (if (/= (logand (length args) 1) 0)
      (signal 'wrong-number-of-arguments (list 'setf (length args))))
  (if (and args (null (cddr args)))
      (let ((place (car args))
            (value (cadr args)))
        (gv-letplace (_getter setter) place
          (funcall setter value)))
    (let ((forms nil))
      (while args
        (push `(setf ,(pop args) ,(pop args)) forms))
      (cons 'progn (nreverse forms)))))

(defmacro gv--push (value place)
  "Put VALUE at the front of the list in PLACE."
  (macroexp-let2 macroexp-copyable-p v value
    (gv-letplace (getter setter) place
      (funcall setter `(cons ,v ,getter)))))

(defmacro gv--pop (place)
  "Take the first element off the list in PLACE."
  `(car-safe
    ,(gv-letplace (getter setter) place
       (macroexp-let2 macroexp-copyable-p x getter
         `(prog1 ,x ,(funcall setter `(cdr ,x)))))))

;;;; Places

(gv-define-simple-setter aref aset)
(gv-define-simple-setter car setcar)
(gv-define-simple-setter cdr setcdr)

(dolist (name '(caar cadr cdar cddr caaar caadr cadar caddr cdaar cdadr cddar
                cdddr caaaar caaadr caadar caaddr cadaar cadadr caddar cadddr
                cdaaar cdaadr cdadar cdaddr cddaar cddadr cdddar cddddr))
  (let* ((text (symbol-name name))
         (setter (if (eq (aref text 1) ?a) 'setcar 'setcdr))
         (inner (intern (concat "c" (substring text 2)))))
    (put name 'gv-expander
         (lambda (do &rest arguments)
           (gv--expand (lambda (value x) `(,setter (,inner ,x) ,value))
                       name do arguments)))))

(gv-define-setter elt (value sequence n)
  `(if (listp ,sequence)
       (setcar (nthcdr ,n ,sequence) ,value)
     (aset ,sequence ,n ,value)))
(gv-define-simple-setter get put)
(gv-define-setter gethash (value key table &optional default)
  (if (or (null default) (macroexp-const-p default) (symbolp default))
      `(puthash ,key ,value ,table)
    `(progn ,default (puthash ,key ,value ,table))))
(gv-define-setter nth (value n list) `(setcar (nthcdr ,n ,list) ,value))
(gv-define-simple-setter symbol-function fset)
(gv-define-simple-setter symbol-plist setplist)
(gv-define-simple-setter symbol-value set)
(gv-define-simple-setter default-value set-default)
(gv-define-simple-setter default-toplevel-value set-default-toplevel-value)
(gv-define-simple-setter char-table-range set-char-table-range)
(gv-define-simple-setter char-table-parent set-char-table-parent)
(gv-define-simple-setter char-table-extra-slot set-char-table-extra-slot)
(gv-define-simple-setter function-get function-put)
(gv-define-simple-setter match-data set-match-data t)

(put 'nthcdr 'gv-expander
     (lambda (do n place)
       (macroexp-let2 nil count n
         (gv-letplace (getter setter) place
           (funcall do `(nthcdr ,count ,getter)
                    (lambda (value)
                      `(if (<= ,count 0)
                           ,(funcall setter value)
                         (setcdr (nthcdr (1- ,count) ,getter) ,value))))))))

(put 'alist-get 'gv-expander
     (lambda (do key alist &optional default remove testfn)
       (macroexp-let2 macroexp-copyable-p k key
         (gv-letplace (getter setter) alist
           (macroexp-let2 nil p (cond ((null testfn) `(assq ,k ,getter))
                                      ((member testfn '(#'eq 'eq))
                                       `(assq ,k ,getter))
                                      (t `(assoc ,k ,getter ,testfn)))
             (funcall do
                      (if (null default)
                          `(cdr ,p)
                        `(if ,p (cdr ,p) ,default))
                      (lambda (value)
                        (macroexp-let2 nil v value
                          (let ((set `(if ,p
                                          (setcdr ,p ,v)
                                        ,(funcall setter
                                                  `(cons (setq ,p (cons ,k ,v))
                                                         ,getter)))))
                            (cond ((null remove) `(progn ,set ,v))
                                  ((macroexp-const-p remove)
                                   `(progn
                                      (cond ((not (eql ,default ,v)) ,set)
                                            (,p ,(funcall setter
                                                          `(delq ,p ,getter))))
                                      ,v))
                                  (t
                                   `(progn
                                      (cond ((not (and ,remove
                                                       (eql ,default ,v)))
                                             ,set)
                                            (,p ,(funcall setter
                                                          `(delq ,p ,getter))))
                                      ,v))))))))))))

(put 'plist-get 'gv-expander
     (lambda (do plist property)
       (macroexp-let2 macroexp-copyable-p key property
         (gv-letplace (getter setter) plist
           (macroexp-let2 nil p `(cdr (plist-member ,getter ,key))
             (funcall do
                      `(car ,p)
                      (lambda (value)
                        (macroexp-let2 macroexp-copyable-p v value
                          `(if ,p
                               (setcar ,p ,v)
                             ,(funcall setter
                                       `(cons ,key (cons ,v ,getter))))))))))))

(put 'progn 'gv-expander
     (lambda (do &rest forms)
       (let ((before (butlast forms)))
         (macroexp-progn
          (append before (list (gv-get (car (last forms)) do)))))))

(defun gv--let-expander (head)
  "Return the expander of places in a binding form with the name HEAD."
  (lambda (do bindings &rest body)
    `(,head ,bindings
            ,@(macroexp-unprogn (gv-get (macroexp-progn body) do)))))

(put 'let 'gv-expander (gv--let-expander 'let))
(put 'let* 'gv-expander (gv--let-expander 'let*))

(put 'if 'gv-expander
     (lambda (do test then &rest else)
       `(if ,test ,(gv-get then do)
          ,@(macroexp-unprogn (gv-get (macroexp-progn else) do)))))

(put 'cond 'gv-expander
     (lambda (do &rest clauses)
       `(cond ,@(mapcar (lambda (clause)
                          (if (cdr clause)
                              (cons (car clause)
                                    (macroexp-unprogn
                                     (gv-get (macroexp-progn (cdr clause)) do)))
                            (gv-get (car clause) do)))
                        clauses))))

(put 'cons 'gv-expander
     (lambda (do a d)
       (gv-letplace (getter-a setter-a) a
         (gv-letplace (getter-d setter-d) d
           (funcall do `(cons ,getter-a ,getter-d)
                    (lambda (value)
                      (macroexp-let2 nil v value
                        `(progn ,(funcall setter-a `(car ,v))
                                ,(funcall setter-d `(cdr ,v))))))))))

(put 'logand 'gv-expander
     (lambda (do place &rest masks)
       (gv-letplace (getter setter) place
         (macroexp-let2 macroexp-copyable-p mask
             (if (cdr masks) `(logand ,@masks) (car masks))
           (funcall do `(logand ,getter ,mask)
                    (lambda (value)
                      (macroexp-let2 nil v value
                        `(progn
                           ,(funcall setter
                                     `(logior (logand ,v ,mask)
                                              (logand ,getter (lognot ,mask))))
                           ,v))))))))

(put 'substring 'gv-expander
     (lambda (do string from &optional to)
       (gv-letplace (getter setter) string
         (macroexp-let2* nil ((start from) (end to))
           (funcall do `(substring ,getter ,start ,end)
                    (lambda (value)
                      (macroexp-let2 nil v value
                        `(progn
                           ,(funcall setter
                                     `(gv--set-substring ,getter ,start
                                                         ,end ,v))
                           ,v))))))))

(defun gv--set-substring (string start end new)
  "Return STRING with NEW in place of what is from START to END."
  (let ((end (or end (length string))))
    (when (< end 0)
      (setq end (max 0 (+ end (length string)))))
    (when (< start 0)
      (setq start (max 0 (+ start (length string)))))
    (concat (and (> start 0) (substring string 0 start))
            new
            (and (< end (length string)) (substring string end)))))

(defmacro gv-delay-error (place)
  "Stand for PLACE; that it cannot be set is an error only when it is set."
  place)

(put 'gv-delay-error 'gv-expander
     (lambda (do place)
       (condition-case err
           (gv-get place do)
         (error
          (funcall do place
                   (lambda (_) `(signal ',(car err) ',(cdr err))))))))

(defmacro gv-synthetic-place (getter setter)
  "Stand for a place that the form GETTER reads and the function SETTER sets."
  (ignore setter)
  getter)

(put 'gv-synthetic-place 'gv-expander
     (lambda (do getter setter)
       (funcall do getter setter)))

;;;; References

;;;###autoload
(defmacro gv-ref (place)
  "Return a reference to PLACE, a pair of functions that read and set it."
  (gv-letplace (getter setter) place
    `(cons (lambda () ,getter)
           (lambda (gv--val) ,(funcall setter 'gv--val)))))

(defun gv-deref (ref)
  "Return the value of what REF refers to."
  (funcall (car ref)))

(gv-define-setter gv-deref (value ref) `(funcall (cdr ,ref) ,value))

(provide 'gv)

;;; gv.el ends here
