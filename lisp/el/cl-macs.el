;;; cl-macs.el --- Control structures of Common Lisp  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'cl-lib)
(require 'macroexp)

;;;; Blocks

(defvar cl--active-block-names nil
  "The blocks that are being expanded: (TAG . USED) for each.")

(defun cl--block-tag (name)
  "Return the symbol that leaving the block NAME throws to."
  (intern (format "--cl-block-%s--" name)))

(defmacro cl-block (name &rest body)
  "Do BODY, which `cl-return-from' NAME leaves."
  (declare (indent 1))
  (cl--block-form (if (and name (not (eq name (intern-soft (symbol-name name)))))
                      name
                    (cl--block-tag name))
                  body))

(defun cl--block-form (tag body)
  "Return a form that does BODY and catches TAG if BODY throws to it."
  (let* ((entry (cons tag nil))
         (expanded
          (let ((cl--active-block-names (cons entry cl--active-block-names)))
            (macroexpand-all (macroexp-progn body)
                             macroexpand-all-environment))))
    (if (cdr entry)
        `(catch ',tag ,@(macroexp-unprogn expanded))
      expanded)))

(defmacro cl-return (&optional result)
  "Leave the innermost block nil with the value RESULT."
  `(cl-return-from nil ,result))

(defmacro cl-return-from (name &optional result)
  "Leave the block NAME with the value RESULT."
  (declare (indent 1))
  (let* ((tag (if (and name
                       (not (eq name (intern-soft (symbol-name name)))))
                  name
                (cl--block-tag name)))
         (entry (assq tag cl--active-block-names)))
    (when entry
      (setcdr entry t))
    `(throw ',tag ,result)))

(defalias 'cl--block-wrapper #'identity)
(defalias 'cl--block-throw #'throw)

(defmacro cl-tagbody (&rest labels-or-statements)
  "Do the statements in order; `(go LABEL)' goes on behind that label.
Labels are symbols and integers."
  (let ((parts nil)
        (first (make-symbol "cl--tagbody-first"))
        (catch-tag (make-symbol "cl--tagbody-tag"))
        (next (make-symbol "cl--tagbody-label")))
    (dolist (item (cons first labels-or-statements))
      (if (consp item)
          (push item (car parts))
        (push (list item) parts)))
    ;; PARTS is a list of (STATEMENT... LABEL), all reversed.
    (let ((labels (mapcar (lambda (part) (car (last part))) parts))
          (clauses nil))
      (let ((following nil))
        (dolist (part parts)
          (let ((label (car (last part)))
                (statements (nreverse (butlast part))))
            (push `(',label ,@statements
                            ,(if following `(go ,following) `(setq ,next nil)))
                  clauses)
            (setq following label))))
      (let ((body (mapcar (lambda (clause)
                            `((eql ,next ,(car clause)) ,@(cdr clause)))
                          clauses)))
        `(let ((,next ',first))
           (while ,next
             (catch ',catch-tag
               (cl-macrolet
                   ((go (label)
                        (unless (memql label ',labels)
                          (error "Unknown cl-tagbody go label `%S'" label))
                        (list 'progn
                              (list 'setq ',next (list 'quote label))
                              '(throw ',catch-tag nil))))
                 (cond ,@body)))))))))

(defun cl--prog (binder bindings body)
  "Return a form that binds BINDINGS by BINDER and does BODY as a tagbody."
  (let ((declarations nil))
    (while (eq (car-safe (car body)) 'declare)
      (push (pop body) declarations))
    `(cl-block nil
       (,binder ,bindings
                ,@(nreverse declarations)
                (cl-tagbody ,@body)))))

(defmacro cl-prog (bindings &rest body)
  "Bind BINDINGS and do BODY, in which symbols are labels."
  (declare (indent 1))
  (cl--prog 'let bindings body))

(defmacro cl-prog* (bindings &rest body)
  "Bind BINDINGS in order and do BODY, in which symbols are labels."
  (declare (indent 1))
  (cl--prog 'let* bindings body))

;;;; Cases

(defun cl--case-clauses (variable clauses exhaustive)
  "Return the clauses of a `cond' that compares VARIABLE by CLAUSES.
EXHAUSTIVE says that a default clause is an error."
  (let ((seen nil))
    (mapcar
     (lambda (clause)
       (let ((keys (car clause))
             (body (or (cdr clause) '(nil))))
         (when exhaustive
           (when (memq keys '(t otherwise))
             (error "t or otherwise clause not allowed in `cl-ecase'")))
         (cond ((memq keys '(t otherwise))
                `(t ,@body))
               ((eq keys 'cl--ecase-error-flag)
                `(t ,@body))
               ((listp keys)
                (dolist (key keys)
                  (when (memql key seen)
                    (error "Duplicate key in case: %s" key)))
                (setq seen (append keys seen))
                `((cl-member ,variable ',keys) ,@body))
               (t
                (when (memql keys seen)
                  (error "Duplicate key in case: %s" keys))
                (push keys seen)
                `((eql ,variable ',keys) ,@body)))))
     clauses)))

(defmacro cl-case (expr &rest clauses)
  "Do the first of CLAUSES whose keys have the value of EXPR.
A key is compared by `eql'; `t' and `otherwise' stand for anything."
  (declare (indent 1))
  (macroexp-let2 macroexp-copyable-p value expr
    `(cond ,@(mapcar #'cl--case-fast-clause
                     (cl--case-clauses value clauses nil)))))

(defun cl--case-fast-clause (clause)
  "Return CLAUSE with `memql' for `cl-member', which is the same here."
  (if (eq (car-safe (car clause)) 'cl-member)
      `((memql ,@(cdr (car clause))) ,@(cdr clause))
    clause))

(defmacro cl-ecase (expr &rest clauses)
  "Like `cl-case', but signal an error if no clause fits."
  (declare (indent 1))
  (macroexp-let2 macroexp-copyable-p value expr
    `(cond ,@(mapcar #'cl--case-fast-clause
                     (cl--case-clauses value clauses nil))
           (t (error "cl-ecase failed: %s, %s" ,value
                     ',(reverse (cl--case-keys clauses)))))))

(defun cl--case-keys (clauses)
  "Return the keys of CLAUSES, the last first."
  (let ((keys nil))
    (dolist (clause clauses)
      (if (listp (car clause))
          (setq keys (append (car clause) keys))
        (push (car clause) keys)))
    keys))

(defun cl--typecase (value clauses)
  "Return the clauses of a `cond' that asks for the type of VALUE."
  (mapcar (lambda (clause)
            (cons (cond ((eq (car clause) 'otherwise) t)
                        (t (cl--typep-form value (car clause))))
                  (or (cdr clause) '(nil))))
          clauses))

(defmacro cl-typecase (expr &rest clauses)
  "Do the first of CLAUSES whose type the value of EXPR has."
  (declare (indent 1))
  (macroexp-let2 macroexp-copyable-p value expr
    `(cond ,@(cl--typecase value clauses))))

(defmacro cl-etypecase (expr &rest clauses)
  "Like `cl-typecase', but signal an error if no clause fits."
  (declare (indent 1))
  (macroexp-let2 macroexp-copyable-p value expr
    `(cond ,@(cl--typecase value clauses)
           (t (error "cl-etypecase failed: %s, %s" ,value
                     ',(mapcar #'car clauses))))))

;;;; Iteration

(defun cl--expand-do-loop (steps endtest body star)
  "Return a loop over STEPS until ENDTEST that does BODY.
STAR says that variables are bound and stepped in order."
  (let ((bindings (mapcar (lambda (step)
                            (if (consp step)
                                (list (car step) (nth 1 step))
                              step))
                          steps))
        (updates (apply #'append
                        (mapcar (lambda (step)
                                  (and (consp step) (cddr step)
                                       (list (car step) (nth 2 step))))
                                steps))))
    `(cl-block nil
       (,(if star 'let* 'let) ,bindings
        (while (not ,(car endtest))
          ,@body
          ,@(cond ((null updates) nil)
                  ((or star (null (cddr updates))) (list (cons 'setq updates)))
                  (t (list (cons 'cl-psetq updates)))))
        ,@(or (cdr endtest) '(nil))))))

(defmacro cl-do (steps endtest &rest body)
  "Bind the variables of STEPS and do BODY until ENDTEST.
STEPS is a list of (VARIABLE INIT STEP); ENDTEST is (TEST RESULT...)."
  (declare (indent 2))
  (cl--expand-do-loop steps endtest body nil))

(defmacro cl-do* (steps endtest &rest body)
  "Like `cl-do', with variables that are bound and stepped in order."
  (declare (indent 2))
  (cl--expand-do-loop steps endtest body t))

(defmacro cl-dolist (spec &rest body)
  "Like `dolist', in a block nil."
  (declare (indent 1))
  `(cl-block nil (dolist ,spec ,@body)))

(defmacro cl-dotimes (spec &rest body)
  "Like `dotimes', in a block nil."
  (declare (indent 1))
  `(cl-block nil (dotimes ,spec ,@body)))

(defmacro cl-do-symbols (spec &rest body)
  "Do BODY with the variable of SPEC bound to each symbol of an obarray."
  (declare (indent 1))
  `(cl-block nil
     (mapatoms #'(lambda (,(car spec)) ,@body)
               ,@(and (cadr spec) (list (cadr spec))))
     ,(nth 2 spec)))

(defmacro cl-do-all-symbols (spec &rest body)
  "Do BODY with the variable of SPEC bound to each symbol."
  (declare (indent 1))
  `(cl-do-symbols (,(car spec) nil ,(cadr spec)) ,@body))

;;;; Several values

(defmacro cl-multiple-value-bind (vars form &rest body)
  "Bind VARS to the values of FORM, a list, and do BODY."
  (declare (indent 2))
  (let ((values (make-symbol "--cl-var--"))
        (i -1))
    `(let* ((,values ,form)
            ,@(mapcar (lambda (variable)
                        (list variable `(nth ,(setq i (1+ i)) ,values)))
                      vars))
       ,@body)))

(defmacro cl-multiple-value-setq (vars form)
  "Set VARS to the values of FORM, a list; the value is the first."
  (declare (indent 1))
  (cond ((null vars) `(progn ,form nil))
        ((null (cdr vars)) `(setq ,(car vars) (car ,form)))
        (t
         (let ((values (make-symbol "--cl-var--"))
               (i 0))
           `(let ((,values ,form))
              (prog1 (setq ,(car vars) (car ,values))
                (setq ,@(apply #'append
                               (mapcar (lambda (variable)
                                         (list variable
                                               `(nth ,(setq i (1+ i)) ,values)))
                                       (cdr vars))))))))))

;;;; Declarations and times of evaluation

(defmacro cl-locally (&rest body)
  "Do BODY."
  (cons 'progn body))

(defmacro cl-the (type form)
  "Do FORM, whose value has the TYPE; that is checked if safety is asked for."
  (declare (indent 1))
  (if (not (or (not (macroexp-compiling-p))
               (< cl--optimize-speed 3)
               (= cl--optimize-safety 3)))
      form
    (macroexp-let2 macroexp-copyable-p value form
      `(progn (unless (cl-typep ,value ',type)
                (signal 'wrong-type-argument
                        (list ',type ,value ',form)))
              ,value))))

(defmacro cl-declare (&rest specs)
  "Note the declarations SPECS."
  (when (macroexp-compiling-p)
    (mapc #'cl-proclaim specs))
  nil)

(defmacro cl-eval-when (when &rest body)
  "Do BODY at the times WHEN: `compile', `load' and `eval' or their keywords."
  (declare (indent 1))
  (if (or (memq 'eval when) (memq :execute when))
      (cons 'progn body)
    nil))

(defmacro cl-load-time-value (form &optional _read-only)
  "Do FORM once, when the code is expanded; its value stands in its place."
  `',(eval form))

(defmacro cl-assert (form &optional show-args string &rest args)
  "Signal an error unless the value of FORM is non-nil.
SHOW-ARGS asks for the arguments in FORM among the data of the error; STRING
and ARGS are its message."
  (declare (indent 1))
  (and (or (not (macroexp-compiling-p))
           (< cl--optimize-speed 3) (= cl--optimize-safety 3))
       (let ((shown (and show-args
                         (delq nil (mapcar (lambda (x)
                                             (unless (macroexp-const-p x)
                                               x))
                                           (cdr-safe form))))))
         `(progn
            (or ,form
                (cl--assertion-failed
                 ',form ,@(if (or string shown args)
                              (list string (cons 'list shown)
                                    (cons 'list args)))))
            nil))))

(defmacro cl-check-type (form type &optional string)
  "Signal an error unless the value of FORM is of TYPE; STRING describes it."
  (and (or (not (macroexp-compiling-p))
           (< cl--optimize-speed 3) (= cl--optimize-safety 3))
       (macroexp-let2 macroexp-copyable-p value form
         `(progn
            (or ,(cl--typep-form value type)
                (signal 'wrong-type-argument
                        (list ,(or string `',type) ,value ',form)))
            nil))))

(defun cl-gensym (&optional prefix)
  "Return a new uninterned symbol named PREFIX and a number."
  (let ((name (if (stringp prefix) prefix "G"))
        (number (if (integerp prefix)
                    prefix
                  (prog1 cl--gensym-counter
                    (setq cl--gensym-counter (1+ cl--gensym-counter))))))
    (make-symbol (format "%s%d" name number))))

(defun cl-gentemp (&optional prefix)
  "Return a new interned symbol named PREFIX and a number."
  (let ((name (if (stringp prefix) prefix "T"))
        (full nil))
    (while (intern-soft (setq full (format "%s%d" name cl--gensym-counter)))
      (setq cl--gensym-counter (1+ cl--gensym-counter)))
    (intern full)))

(defun cl-compiler-macroexpand (form)
  "Return FORM expanded by its function's compiler macro, if it has one."
  (let ((last nil))
    (while (not (eq form last))
      (setq last form)
      (let ((expander (and (consp form) (symbolp (car form))
                           (function-get (car form) 'compiler-macro 'autoload))))
        (when expander
          (setq form (apply expander form (cdr form))))))
    form))

(provide 'cl-macs)

;;; cl-macs.el ends here
