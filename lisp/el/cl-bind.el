;;; cl-bind.el --- Bindings and places of Common Lisp  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Local functions and macros are entries of the environment in which the body
;; is expanded.  The entry of a local function is followed by one of the key
;; `:cl-variable' that tells its variable, for `function'.

;;; Code:

(require 'macroexp)
(require 'cl-lib)

;;;; Local functions

(defvar cl--function-form nil
  "The last value of `cl--function-expander'.")

(defun cl--function-expander (name)
  "Return what `(function NAME)' stands for where local functions are.
The second call in a row with the same NAME gives the same form, so that the
expansion ends."
  (let* ((environment macroexpand-all-environment)
         (entry (and (symbolp name) (assq name environment)))
         (next (and entry (cadr (memq entry environment)))))
    (cond ((and (eq (car-safe next) :cl-variable)
                (eq (cadr next) name))
           (cddr next))
          ((and cl--function-form (eq (cadr cl--function-form) name))
           cl--function-form)
          (t (setq cl--function-form (list 'function name))))))

(defun cl--function-entries (name variable environment)
  "Return ENVIRONMENT with the function NAME in VARIABLE, a form, before it."
  (cons (cons name (lambda (&rest arguments)
                     `(funcall ,variable ,@arguments)))
        (cons (cons :cl-variable (cons name variable))
              environment)))

(defun cl--expand-in (body environment)
  "Return BODY, a list of forms, as one form expanded in ENVIRONMENT."
  (macroexpand-all
   (macroexp-progn body)
   (if (assq 'function environment)
       environment
     (cons (cons 'function #'cl--function-expander) environment))))

(defmacro cl-flet (bindings &rest body)
  "Define local functions by BINDINGS and do BODY.
A binding is (NAME ARGLIST BODY...), or (NAME FORM), whose value is the
function.  The functions do not see each other."
  (declare (indent 1))
  (let ((variables nil)
        (environment macroexpand-all-environment))
    (dolist (binding bindings)
      (let* ((name (car binding))
             (definition (cdr binding))
             (variable (make-symbol (format "--cl-%s--" name)))
             (given (if (null (cdr definition))
                        (car definition)
                      `(cl-function (lambda ,@definition)))))
        (if (and (null (cdr definition)) (symbolp given))
            (setq variable given)
          (push (list variable given) variables))
        (setq environment
              (cl--function-entries name variable environment))))
    (macroexp-let* (nreverse variables)
                   (cl--expand-in body environment))))

(defmacro cl-flet* (bindings &rest body)
  "Like `cl-flet', but each function sees those before it."
  (declare (indent 1))
  (cond ((null bindings) (macroexp-progn body))
        ((null (cdr bindings)) `(cl-flet ,bindings ,@body))
        (t `(cl-flet (,(car bindings)) (cl-flet* ,(cdr bindings) ,@body)))))

(defmacro cl-labels (bindings &rest body)
  "Define local functions by BINDINGS, which see each other, and do BODY.
A call of a function by itself in tail position becomes a loop."
  (declare (indent 1))
  (let ((environment macroexpand-all-environment)
        (functions nil))
    (dolist (binding bindings)
      (let ((variable (make-symbol (format "--cl-%s--" (car binding)))))
        (push (cons variable (cl--transform-lambda (cdr binding) nil)) functions)
        (setq environment
              (cl--function-entries (car binding) variable environment))))
    (setq functions (nreverse functions))
    `(letrec ,(mapcar
               (lambda (function)
                 (let* ((variable (car function))
                        (expanded
                         (cl--expand-in
                          (list `(function (lambda ,@(cdr function))))
                          environment)))
                   (list variable (cl--self-tco variable expanded))))
               functions)
       ,@(macroexp-unprogn (cl--expand-in body environment)))))

;;;;; Calls in tail position

(defvar cl--tco-function)
(defvar cl--tco-arguments)
(defvar cl--tco-result)
(defvar cl--tco-done)

(defun cl--self-tco (variable function)
  "Return the form FUNCTION with its calls of VARIABLE in tail position as loops.
FUNCTION is expanded and a lambda expression under `function'."
  (let* ((lambda (cadr function))
         (parsed (macroexp-parse-body (cddr lambda)))
         (names (remq '&rest (remq '&optional (copy-sequence (cadr lambda)))))
         (copies (mapcar (lambda (name) (make-symbol (symbol-name name))) names))
         (cl--tco-function variable)
         (cl--tco-arguments nil)
         (cl--tco-result (make-symbol "retval"))
         (cl--tco-done nil))
    ;; The parameters get other names, and the body binds the old ones anew in
    ;; each round, as closures may hold on to them.
    (let ((kind nil)
          (names copies))
      (dolist (element (cadr lambda))
        (if (memq element '(&optional &rest))
            (setq kind element)
          (push (cons (pop names) kind) cl--tco-arguments))))
    (setq cl--tco-arguments (nreverse cl--tco-arguments))
    (let ((body (if (delq nil (mapcar #'special-variable-p names))
                    nil
                  (cl--tco-forms (cdr parsed)))))
      (if (not cl--tco-done)
          function
        (let ((left copies))
          `(function
            (lambda ,(mapcar (lambda (element)
                               (if (memq element '(&optional &rest))
                                   element
                                 (pop left)))
                             (cadr lambda))
              ,@(car parsed)
              (let (,cl--tco-result)
                (while (let ,(let ((left copies))
                               (mapcar (lambda (name) (list name (pop left)))
                                       names))
                         ,@body))
                ,cl--tco-result))))))))

(defun cl--tco-forms (forms)
  "Return FORMS with the last one turned by `cl--tco-form'."
  (append (butlast forms)
          (list (cl--tco-form (car (last forms))))))

(defun cl--tco-form (form)
  "Return FORM, in tail position, as one whose value tells to go on.
If it does not, the result is set."
  (let ((head (car-safe form)))
    (cond
     ((and (eq head 'funcall) (eq (cadr form) cl--tco-function)
           (cl--tco-assign (cddr form))))
     ((and (eq head 'progn) (cdr form))
      `(progn ,@(cl--tco-forms (cdr form))))
     ((eq head 'if)
      `(if ,(nth 1 form)
           ,(cl--tco-form (nth 2 form))
         ,@(cl--tco-forms (or (nthcdr 3 form) (list nil)))))
     ((eq head 'cond)
      `(cond ,@(mapcar (lambda (clause)
                         (if (cdr clause)
                             (cons (car clause) (cl--tco-forms (cdr clause)))
                           `((setq ,cl--tco-result ,(car clause)) nil)))
                       (cdr form))))
     ((and (eq head 'and) (cdr form))
      (if (cddr form)
          `(if (and ,@(butlast (cdr form)))
               ,(cl--tco-form (car (last form)))
             nil)
        (cl--tco-form (cadr form))))
     ((and (eq head 'or) (cdr form))
      `(cond ,@(mapcar (lambda (part) `((setq ,cl--tco-result ,part) nil))
                       (butlast (cdr form)))
             (t ,(cl--tco-form (car (last form))))))
     ((and (memq head '(let let*)) (cddr form)
           (not (delq nil (mapcar (lambda (binding)
                                    (special-variable-p
                                     (or (car-safe binding) binding)))
                                  (cadr form)))))
      `(,head ,(cadr form) ,@(cl--tco-forms (cddr form))))
     ((and (eq head 'condition-case) (not (special-variable-p (cadr form)))
           (nthcdr 3 form))
      `(,head ,(cadr form)
              (progn (setq ,cl--tco-result ,(nth 2 form)) nil)
              ,@(mapcar (lambda (handler)
                          (if (cdr handler)
                              (cons (car handler) (cl--tco-forms (cdr handler)))
                            `(,(car handler) (setq ,cl--tco-result nil) nil)))
                        (nthcdr 3 form))))
     (t `(progn (setq ,cl--tco-result ,form) nil)))))

(defun cl--tco-assign (values)
  "Return a form that sets the parameters to VALUES and tells to go on.
Return nil if there are too few or too many of them."
  (let ((assignments nil)
        (parameters cl--tco-arguments)
        (fit t))
    (while (and fit parameters)
      (let* ((parameter (pop parameters))
             (kind (cdr parameter)))
        (push (cond ((eq kind '&rest)
                     (prog1 (list (car parameter)
                                  (and values (cons 'list values)))
                       (setq values nil)))
                    (values (list (car parameter) (pop values)))
                    ((eq kind '&optional) (list (car parameter) nil))
                    (t (setq fit nil) nil))
              assignments)))
    (when (and fit (null values))
      (setq cl--tco-done t)
      ;; The values do not refer to what is set.
      `(progn (setq ,@(apply #'append (nreverse assignments))) :recurse))))

;;;; Local macros

(defmacro cl-macrolet (bindings &rest body)
  "Define local macros by BINDINGS, of (NAME ARGLIST BODY...), and do BODY."
  (declare (indent 1))
  (let ((environment macroexpand-all-environment))
    (dolist (binding bindings)
      (push (cons (car binding)
                  (eval `(cl-function
                          (lambda ,@(cl--transform-lambda (cdr binding)
                                                          (car binding))))
                        t))
            environment))
    (macroexpand-all (macroexp-progn body) environment)))

(defmacro cl-symbol-macrolet (bindings &rest body)
  "Let the symbols of BINDINGS, of (SYMBOL FORM), stand for forms in BODY."
  (declare (indent 1))
  (let ((symbols nil)
        (malformed nil))
    (dolist (binding bindings)
      (if (and (symbolp (car binding)) (consp (cdr binding))
               (null (cddr binding)))
          (push (cons (car binding) (cadr binding)) symbols)
        (push binding malformed)))
    (let ((expanded (cl--symbols-walk
                     (macroexpand-all (macroexp-progn body)
                                      macroexpand-all-environment)
                     symbols)))
      (if malformed
          (macroexp-warn-and-return
           (format-message "Malformed `cl-symbol-macrolet' binding(s): %S"
                           (nreverse malformed))
           expanded)
        expanded))))

(defun cl--symbols-without (symbols names)
  "Return the alist SYMBOLS without the keys NAMES."
  (let ((result nil))
    (dolist (pair symbols)
      (unless (memq (car pair) names)
        (push pair result)))
    (nreverse result)))

(defun cl--symbols-walk (form symbols)
  "Return the expanded FORM with SYMBOLS, an alist, replaced by their forms."
  (cond
   ((null symbols) form)
   ((symbolp form)
    (let ((pair (assq form symbols)))
      (if pair
          (cl--symbols-walk (macroexpand-all (cdr pair)
                                             macroexpand-all-environment)
                            symbols)
        form)))
   ((not (consp form)) form)
   (t
    (let ((head (car form))
          (walk (lambda (part) (cl--symbols-walk part symbols))))
      (cond
       ((eq head 'quote) form)
       ((eq head 'function)
        (if (eq (car-safe (cadr form)) 'lambda)
            (list 'function (cl--symbols-lambda (cadr form) symbols))
          form))
       ((memq head '(defvar defconst))
        `(,head ,(cadr form) ,@(mapcar walk (cddr form))))
       ((eq head 'setq) (cl--symbols-setq (cdr form) symbols))
       ((eq head 'cond)
        (cons head (mapcar (lambda (clause) (mapcar walk clause)) (cdr form))))
       ((eq head 'condition-case)
        (let ((inner (cl--symbols-without symbols (list (cadr form)))))
          `(,head ,(cadr form) ,(funcall walk (nth 2 form))
                  ,@(mapcar (lambda (handler)
                              (cons (car handler)
                                    (mapcar (lambda (part)
                                              (cl--symbols-walk part inner))
                                            (cdr handler))))
                            (nthcdr 3 form)))))
       ((memq head '(let let*)) (cl--symbols-let form symbols))
       ((eq (car-safe head) 'lambda)
        (cons (cl--symbols-lambda head symbols) (mapcar walk (cdr form))))
       (t (cons head (mapcar walk (cdr form)))))))))

(defun cl--symbols-lambda (form symbols)
  "Return the lambda expression FORM with SYMBOLS replaced in its body."
  (let ((inner (cl--symbols-without symbols (cadr form))))
    `(lambda ,(cadr form)
       ,@(mapcar (lambda (part) (cl--symbols-walk part inner)) (cddr form)))))

(defun cl--symbols-let (form symbols)
  "Return FORM, a `let' or `let*', with SYMBOLS replaced."
  (let* ((star (eq (car form) 'let*))
         (inner symbols)
         (names nil)
         (bindings
          (mapcar (lambda (binding)
                    (let ((name (if (consp binding) (car binding) binding)))
                      (prog1 (if (consp binding)
                                 (cons name
                                       (mapcar (lambda (part)
                                                 (cl--symbols-walk
                                                  part (if star inner symbols)))
                                               (cdr binding)))
                               binding)
                        (push name names)
                        (setq inner (cl--symbols-without symbols names)))))
                  (cadr form))))
    `(,(car form) ,bindings
      ,@(mapcar (lambda (part) (cl--symbols-walk part inner)) (cddr form)))))

(defun cl--symbols-setq (pairs symbols)
  "Return a form that sets PAIRS, in which SYMBOLS are replaced."
  (let ((forms nil))
    (while pairs
      (let* ((name (pop pairs))
             (value (cl--symbols-walk (pop pairs) symbols)))
        (push (if (assq name symbols)
                  (macroexpand-all
                   `(setf ,(cl--symbols-walk name symbols) ,value)
                   macroexpand-all-environment)
                `(setq ,name ,value))
              forms)))
    (macroexp-progn (nreverse forms))))

;;;; Binding variables and places for a time

(defmacro cl-progv (symbols values &rest body)
  "Bind the SYMBOLS, a list at run time, dynamically to VALUES and do BODY."
  (declare (indent 2))
  (let ((names (make-symbol "syms"))
        (all (make-symbol "vals"))
        (binds (make-symbol "binds"))
        (do (make-symbol "body")))
    `(let* ((,names ,symbols)
            (,all ,values)
            (,do (lambda () ,@body))
            (,binds nil))
       (while ,names
         (push (list (pop ,names) (list 'quote (pop ,all))) ,binds))
       (eval (list 'let (nreverse ,binds)
                   (list 'funcall (list 'quote ,do)))))))

(defmacro cl-letf (bindings &rest body)
  "Give the places of BINDINGS values around BODY.
A binding is (PLACE VALUE), or (PLACE), which leaves the value as it is."
  (declare (indent 1))
  (cond
   ((null bindings) (macroexp-progn body))
   ((and (null (cdr bindings)) (not (cdar bindings)) (symbolp (caar bindings)))
    `(let (,(list (caar bindings) (caar bindings))) ,@body))
   ((and (null (cdr bindings)) (symbolp (caar bindings)))
    `(let ,bindings ,@body))
   (t (cl--letf bindings nil nil body))))

(defun cl--letf (bindings simple places body)
  "Return a form that gives BINDINGS their values around BODY.
SIMPLE and PLACES are what was done, the last first: bindings of variables, and
\(OLD SETTER GETTER GIVEN VALUE)."
  (if (null bindings)
      (let ((olds (mapcar (lambda (place)
                            (list (nth 0 place) (nth 2 place)))
                          places)))
        (macroexp-let*
         (append olds (nreverse simple))
         `(unwind-protect
              ,(macroexp-progn
                (append
                 (delq nil
                       (mapcar (lambda (place)
                                 (and (nth 3 place)
                                      (funcall (nth 1 place) (nth 4 place))))
                               places))
                 body))
            ,@(mapcar (lambda (place)
                        (funcall (nth 1 place) (nth 0 place)))
                      places))))
    (let* ((binding (car bindings))
           (place (car binding))
           (given (cdr binding))
           (value (cadr binding)))
      (if (symbolp place)
          (macroexp-let2 nil new (if given value place)
            (cl--letf (cdr bindings) (cons (list place new) simple) places body))
        (gv-letplace (getter setter) place
          (macroexp-let2 nil new value
            (cl--letf (cdr bindings) simple
                      (cons (list (make-symbol "old") setter getter given new)
                            places)
                      body)))))))

(defmacro cl-letf* (bindings &rest body)
  "Like `cl-letf', but one binding after the other."
  (declare (indent 1))
  (if (null bindings)
      (macroexp-progn body)
    (let ((form (macroexp-progn body)))
      (dolist (binding (reverse bindings))
        (setq form `(cl-letf (,binding) ,form)))
      form)))

;;;; Setting several places

(defmacro cl-psetq (&rest args)
  "Set each variable to the value of the form behind it, all at once."
  (cons 'cl-psetf args))

(defmacro cl-psetf (&rest args)
  "Set each place to the value of the form behind it, all at once."
  (let ((reversed (reverse args)))
    (unless (= (logand (length args) 1) 0)
      (error "Odd number of arguments to cl-psetf"))
    (cond
     ((null args) nil)
     ((null (cddr args)) `(progn (setf ,@args) nil))
     (t
      (let ((form `(setf ,(cadr reversed) ,(car reversed))))
        (while (setq reversed (cddr reversed))
          (setq form `(setf ,(cadr reversed) (prog1 ,(car reversed) ,form))))
        `(progn ,form nil))))))

(defmacro cl-shiftf (place &rest args)
  "Give PLACE the value of the next of ARGS, that the next, and so on.
The value is the old one of PLACE; the last of ARGS is no place."
  (cond ((null args) place)
        ((symbolp place) `(prog1 ,place (setq ,place (cl-shiftf ,@args))))
        (t (gv-letplace (getter setter) place
             `(prog1 ,getter ,(funcall setter `(cl-shiftf ,@args)))))))

(defmacro cl-rotatef (&rest args)
  "Give each place of ARGS the value of the next, and the last that of the first."
  (cond
   ((null args) nil)
   ((not (memq nil (mapcar #'symbolp args)))
    (if (null (cdr args))
        nil
      (let ((first (car args))
            (sets nil))
        (while (cdr args)
          (setq sets (cons (cadr args) (cons (car args) sets))
                args (cdr args)))
        `(cl-psetf ,@(nreverse sets) ,(car args) ,first))))
   (t
    (let* ((reversed (reverse args))
           (temp (make-symbol "--cl-rotatef--"))
           (form temp))
      (while (cdr reversed)
        (let ((place (pop reversed)))
          (setq form
                (gv-letplace (getter setter) place
                  `(prog1 ,getter ,(funcall setter form))))))
      (gv-letplace (getter setter) (car reversed)
        (macroexp-let* `((,temp ,getter))
                       `(progn ,(funcall setter form) nil)))))))

(defmacro cl-callf (func place &rest args)
  "Set PLACE to the value of FUNC for it and ARGS."
  (declare (indent 2))
  (gv-letplace (getter setter) place
    (funcall setter
             (if (symbolp func)
                 (cons func (cons getter args))
               `(funcall #',func ,getter ,@args)))))

(defmacro cl-callf2 (func arg1 place &rest args)
  "Set PLACE to the value of FUNC for ARG1, it and ARGS."
  (declare (indent 3))
  (macroexp-let2 nil first arg1
    (gv-letplace (getter setter) place
      (funcall setter
               (if (symbolp func)
                   (cons func (cons first (cons getter args)))
                 `(funcall #',func ,first ,getter ,@args))))))

(defmacro cl-remf (place tag)
  "Remove the property TAG from the property list in PLACE.
The value is t if it was there."
  (gv-letplace (getter setter) place
    (macroexp-let2 macroexp-copyable-p key tag
      `(if (eq ,key (car ,getter))
           (progn ,(funcall setter `(cddr ,getter)) t)
         (cl--do-remf ,getter ,key)))))

;;; cl-bind.el ends here
