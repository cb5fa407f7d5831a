;;; generator.el --- Generators  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; The body of a generator is put into continuation-passing style, but only as
;; far as it yields: other forms stay what they are.
;;
;; The code that a form becomes evaluates to a step: a function without
;; arguments that does what comes next, or nil after a yield.  The iterator
;; calls step after step, so that a loop needs no more stack the longer it runs.
;; A yield leaves its value and the function that takes the next value in two
;; variables.  What has a dynamic extent, such as `catch', is a region: its
;; steps are called inside of that construct, which is left at a yield and
;; entered again behind it.

;;; Code:

(require 'cl-lib)
(require 'macroexp)

(put 'iter-end-of-sequence 'error-conditions '(iter-end-of-sequence))
(put 'iter-end-of-sequence 'error-message "Iteration terminated")

(defvar generator--value nil
  "The variable, of the generator being made, that a yield leaves its value in.")
(defvar generator--resume nil
  "The variable, of the generator being made, that holds what goes on.")
(defvar generator--cleanups nil
  "The variable, of the generator being made, with what closing it has to do.")

(defun generator--yields-p (form)
  "Return non-nil if the expanded FORM yields, and not inside a function."
  (let ((yields nil))
    (unless (memq (car-safe form) '(quote function))
      (while (and (consp form) (not yields))
        (let ((part (pop form)))
          (setq yields (or (eq part 'generator--yield)
                           (and (consp part) (generator--yields-p part)))))))
    yields))

(defmacro generator--joined (k &rest body)
  "Do BODY, which gives code, with K bound to a function of a form.
If K would be used more than once its code is bound to a variable."
  (declare (indent 1))
  (let ((join (make-symbol "join"))
        (code (make-symbol "code"))
        (outer (make-symbol "outer")))
    `(let* ((,join (make-symbol "join"))
            (,outer ,k)
            (,code (let ((,k (lambda (value) `(funcall ,,join ,value))))
                     ,@body)))
       `(let ((,,join ,(generator--continuation ,outer)))
          ,,code))))

(defun generator--continuation (k)
  "Return the code of a function that goes on with its argument as K does."
  (let ((value (make-symbol "value")))
    `(lambda (,value) (ignore ,value) ,(funcall k value))))

(defun generator--code (form k)
  "Return the code of a step that does FORM, and goes on as K says.
K is a function that takes a form with the value of FORM and returns code."
  (if (not (generator--yields-p form))
      (funcall k form)
    (let ((transform (get (car form) 'generator--transform)))
      (cond (transform (funcall transform (cdr form) k))
            ((special-form-p (car form))
             (error "Special form %S incorrect or not supported" form))
            (t (generator--call form k))))))

(defun generator--body (forms k)
  "Return the code of a step that does FORMS, and goes on as K says."
  (cond ((null (cdr forms)) (generator--code (car forms) k))
        ((not (generator--yields-p (list (car forms))))
         `(progn ,(car forms) ,(generator--body (cdr forms) k)))
        (t (generator--code
            (car forms)
            (lambda (value)
              `(progn ,value ,(generator--body (cdr forms) k)))))))

(defun generator--call (form k)
  "Return the code of a step that does the call FORM, and goes on as K says."
  (let ((function (car form))
        (arguments (cdr form)))
    (cl-labels
        ((evaluate (rest done)
           (if (null rest)
               (funcall k (cons function (nreverse done)))
             (generator--code
              (car rest)
              (lambda (value)
                (if (macroexp-const-p value)
                    (evaluate (cdr rest) (cons value done))
                  (let ((variable (make-symbol "argument")))
                    `(let ((,variable ,value))
                       ,(evaluate (cdr rest) (cons variable done))))))))))
      (evaluate arguments nil))))

(defmacro generator--deftransform (name arguments &rest body)
  "Define how a form of NAME that yields becomes code.
ARGUMENTS are the variables for the rest of the form and for K."
  (declare (indent 2))
  `(put ',name 'generator--transform (lambda ,arguments ,@body)))

(generator--deftransform generator--yield (arguments k)
  (generator--code
   (car arguments)
   (lambda (value)
     `(progn
        (setq ,generator--value ,value
              ,generator--resume ,(generator--continuation k))
        nil))))

(generator--deftransform progn (forms k)
  (generator--body forms k))

(generator--deftransform prog1 (forms k)
  (let ((first (make-symbol "first")))
    (generator--code
     (car forms)
     (lambda (value)
       `(let ((,first ,value))
          ,(generator--body (cdr forms)
                            (lambda (value)
                              `(progn ,value ,(funcall k first)))))))))

(generator--deftransform if (parts k)
  (generator--joined k
    (generator--code
     (car parts)
     (lambda (test)
       `(if ,test
            ,(generator--code (nth 1 parts) k)
          ,(generator--body (nthcdr 2 parts) k))))))

(generator--deftransform and (forms k)
  (generator--joined k
    (cl-labels ((each (forms)
                  (if (null (cdr forms))
                      (generator--code (car forms) k)
                    (generator--code
                     (car forms)
                     (lambda (value)
                       `(if ,value ,(each (cdr forms)) ,(funcall k nil)))))))
      (each forms))))

(generator--deftransform or (forms k)
  (generator--joined k
    (cl-labels ((each (forms)
                  (if (null (cdr forms))
                      (generator--code (car forms) k)
                    (generator--code
                     (car forms)
                     (lambda (value)
                       (let ((variable (make-symbol "value")))
                         `(let ((,variable ,value))
                            (if ,variable
                                ,(funcall k variable)
                              ,(each (cdr forms))))))))))
      (each forms))))

(generator--deftransform cond (clauses k)
  (cl-labels ((each (clauses)
                (and clauses
                     (let ((clause (car clauses)))
                       (if (cdr clause)
                           `(if ,(car clause)
                                ,(macroexp-progn (cdr clause))
                              ,(each (cdr clauses)))
                         `(or ,(car clause) ,(each (cdr clauses))))))))
    (generator--code (each clauses) k)))

(generator--deftransform while (parts k)
  (let ((again (make-symbol "again")))
    `(letrec ((,again
               (lambda ()
                 ,(generator--code
                   (car parts)
                   (lambda (test)
                     `(if ,test
                          ,(generator--body (or (cdr parts) '(nil))
                                            (lambda (value)
                                              `(progn ,value ,again)))
                        ,(funcall k nil)))))))
       ,again)))

(generator--deftransform setq (pairs k)
  (cond ((null (cddr pairs))
         (generator--code (cadr pairs)
                          (lambda (value)
                            (funcall k `(setq ,(car pairs) ,value)))))
        (t (generator--body
            (cl-loop for (variable value) on pairs by #'cddr
                     collect `(setq ,variable ,value))
            k))))

(generator--deftransform function (parts k)
  (funcall k (cons 'function parts)))

;;;; Bindings

(defun generator--bind (variable value body)
  "Return code that binds the lexical VARIABLE to VALUE around the code BODY."
  `(let ((,variable ,value)) ,body))

(generator--deftransform let (parts k)
  (let ((names nil)
        (inner nil))
    ;; All values are there before the first is bound.
    (cl-labels
        ((each (bindings)
           (if (null bindings)
               (generator--code `(let* ,(nreverse inner) ,@(cdr parts)) k)
             (let* ((binding (car bindings))
                    (name (if (consp binding) (car binding) binding))
                    (held (make-symbol (symbol-name name))))
               (push name names)
               (push (list name held) inner)
               (generator--code
                (and (consp binding) (cadr binding))
                (lambda (value)
                  (generator--bind held value (each (cdr bindings)))))))))
      (if (generator--yields-p (car parts))
          (each (car parts))
        (generator--scope (car parts) 'let (cdr parts) k)))))

(generator--deftransform let* (parts k)
  (cl-labels
      ((each (bindings)
         (cond
          ((null bindings) (generator--body (cdr parts) k))
          (t
           (let* ((binding (car bindings))
                  (name (if (consp binding) (car binding) binding))
                  (value (and (consp binding) (cadr binding))))
             (if (special-variable-p name)
                 (let ((held (make-symbol "held")))
                   (generator--code
                    value
                    (lambda (value)
                      `(let ((,held ,value))
                         ,(generator--dynamic
                           (list (cons name held))
                           `(let* ,(cdr bindings) ,@(cdr parts))
                           k)))))
               (generator--code
                value
                (lambda (value)
                  (generator--bind name value (each (cdr bindings)))))))))))
    (each (car parts))))

(defun generator--scope (bindings _kind body k)
  "Return the code of a step that binds BINDINGS, whose values do not yield.
It does BODY, and goes on as K says outside of the bindings."
  (let ((lexical nil)
        (dynamic nil)
        (outer (make-symbol "outer")))
    (dolist (binding bindings)
      (let ((name (if (consp binding) (car binding) binding))
            (value (and (consp binding) (cadr binding))))
        (if (special-variable-p name)
            (let ((held (make-symbol (symbol-name name))))
              (push (list held value) lexical)
              (push (cons name held) dynamic))
          (push (list name value) lexical))))
    `(let ((,outer ,(generator--continuation k)))
       (let ,(nreverse lexical)
         ,(let ((go-on (lambda (value) `(funcall ,outer ,value))))
            (if dynamic
                (generator--dynamic (nreverse dynamic) (macroexp-progn body)
                                    go-on)
              (generator--body body go-on)))))))

;;;; Regions

(defun generator--region (body k wrap)
  "Return the code of a step that does BODY in a region, and goes on as K says.
WRAP takes a form that calls the steps of BODY, and returns one that does so
inside of the construct.  Its value is nil if BODY has yielded, else a list of
the value to go on with."
  (let ((step (make-symbol "step"))
        (run (make-symbol "run"))
        (result (make-symbol "result"))
        (enter (make-symbol "enter"))
        (goes-on (make-symbol "resume")))
    (let ((code (generator--code
                 body
                 (lambda (value)
                   `(progn (setq ,result (list ,value)) nil)))))
      `(let ((,step nil)
             (,result nil))
         (letrec ((,run
                   (lambda ()
                     (let ((,enter ,(funcall
                                     wrap
                                     `(progn
                                        (while ,step
                                          (setq ,step (funcall ,step)))
                                        ,result)
                                     step)))
                       (if ,enter
                           ,(funcall k `(car ,enter))
                         (let ((,goes-on ,generator--resume))
                           (setq ,generator--resume
                                 (lambda (value)
                                   (setq ,step (lambda ()
                                                 (funcall ,goes-on value)))
                                   ,run))
                           nil))))))
           (setq ,step (lambda () ,code))
           ,run)))))

(defun generator--dynamic (bindings body k)
  "Return the code of a step that does BODY with dynamic BINDINGS.
Each is a variable and the lexical variable that keeps its value meanwhile.  K
says how to go on."
  (generator--region
   body k
   (lambda (run _step)
     `(let ,(mapcar (lambda (binding) (list (car binding) (cdr binding)))
                    bindings)
        (unwind-protect ,run
          (setq ,@(cl-mapcan (lambda (binding)
                               (list (cdr binding) (car binding)))
                             bindings)))))))

(generator--deftransform catch (parts k)
  (let ((tag (make-symbol "tag"))
        (value (make-symbol "value"))
        (normal (make-symbol "normal")))
    (generator--code
     (car parts)
     (lambda (form)
       `(let ((,tag ,form))
          ,(generator--region
            (macroexp-progn (cdr parts)) k
            (lambda (run _step)
              `(let* ((,normal nil)
                      (,value (catch ,tag
                                (prog1 ,run (setq ,normal t)))))
                 (if ,normal ,value (list ,value))))))))))

(generator--deftransform condition-case (parts k)
  (let* ((variable (nth 0 parts))
         (chosen (make-symbol "chosen"))
         (object (make-symbol "object"))
         (value (make-symbol "value"))
         (clauses (nthcdr 2 parts))
         (success (assq :success clauses))
         (clauses (remq success clauses))
         (number 0))
    (generator--joined k
      `(let ((,chosen nil) (,object nil))
         ,(generator--region
           (nth 1 parts)
           (lambda (form)
             `(let ((,value ,form))
                (cond
                 ,@(let ((number 0))
                     (mapcar
                      (lambda (clause)
                        `((eq ,chosen ,(cl-incf number))
                          (let ((,(or variable (make-symbol "_")) ,object))
                            ,(generator--body (or (cdr clause) '(nil)) k))))
                      clauses))
                 (t ,(if success
                         `(let ((,(or variable (make-symbol "_")) ,value))
                            ,(generator--body (or (cdr success) '(nil)) k))
                       (funcall k value))))))
           (lambda (run _step)
             `(condition-case ,value
                  ,run
                ,@(mapcar (lambda (clause)
                            `(,(car clause)
                              (setq ,chosen ,(cl-incf number)
                                    ,object ,value)
                              (list nil)))
                          clauses))))))))

(generator--deftransform unwind-protect (parts k)
  (when (generator--yields-p (cdr parts))
    (error "Cannot yield in the cleanup forms of `unwind-protect'"))
  (let ((done (make-symbol "done"))
        (cleanup (make-symbol "cleanup"))
        (value (make-symbol "value")))
    `(let ((,cleanup (lambda () ,@(cdr parts))))
       (push ,cleanup ,generator--cleanups)
       ,(generator--region
         (car parts)
         (lambda (form)
           `(let ((,value ,form))
              (setq ,generator--cleanups (delq ,cleanup ,generator--cleanups))
              (funcall ,cleanup)
              ,(funcall k value)))
         (lambda (run _step)
           `(let ((,done nil))
              (unwind-protect
                  (prog1 ,run (setq ,done t))
                (unless ,done
                  (setq ,generator--cleanups
                        (delq ,cleanup ,generator--cleanups))
                  (funcall ,cleanup)))))))))

;; These have a dynamic extent, and nothing to keep.
(dolist (name '(save-excursion save-current-buffer save-restriction))
  (put name 'generator--transform
       (lambda (forms k)
         (generator--region (macroexp-progn forms) k
                            (lambda (run _step) (list name run))))))

;;;; Iterators

(defun generator--iterator (body)
  "Return the code of an iterator that does BODY."
  (let* ((generator--value (make-symbol "value"))
         (generator--resume (make-symbol "resume"))
         (generator--cleanups (make-symbol "cleanups"))
         (state (make-symbol "state"))
         (ended (make-symbol "ended"))
         (closed (make-symbol "closed"))
         (value generator--value)
         (resume generator--resume)
         (cleanups generator--cleanups)
         (expanded (macroexpand-all
                    `(cl-macrolet ((iter-yield (value)
                                     (list 'generator--yield value)))
                       ,@body)
                    macroexpand-all-environment)))
    `(let* ((,value nil)
            (,cleanups nil)
            (,closed (lambda (_) (signal 'iter-end-of-sequence nil)))
            (,resume nil)
            (,ended (lambda (value)
                      (setq ,resume ,closed)
                      (signal 'iter-end-of-sequence value))))
       (setq ,resume
             (lambda (_)
               ,(generator--code expanded
                                 (lambda (form) `(funcall ,ended ,form)))))
       (lambda (op value)
         (cond
          ((eq op :close)
           (let ((left ,cleanups))
             (setq ,resume ,closed ,cleanups nil)
             ;; The value is that of the outermost one.
             (let ((last nil))
               (while left
                 (setq last (funcall (pop left))))
               last)))
          ((eq op :next)
           (let ((,state (let ((now ,resume)) (lambda () (funcall now value))))
                 (yielded nil))
             (unwind-protect
                 (progn
                   (while ,state
                     (setq ,state (funcall ,state)))
                   (setq yielded t)
                   ,value)
               (unless yielded
                 (setq ,resume ,closed)))))
          (t (error "Unknown iterator operation %S" op)))))))

(defun iter-yield (_value)
  "Have the iterator give VALUE; the value is what it is asked the next one with."
  (error "`iter-yield' used outside a generator"))

(defmacro iter-yield-from (value)
  "Have the iterator give what the iterator VALUE gives.
The value is the one that VALUE ends with."
  (let ((error-symbol (make-symbol "end"))
        (done (make-symbol "done"))
        (given (make-symbol "given"))
        (next (make-symbol "next"))
        (iterator (make-symbol "iterator")))
    `(let* ((,iterator ,value)
            (,next nil)
            (,done nil)
            (,given nil))
       (while (not ,done)
         (condition-case ,error-symbol
             (setq ,given (iter-next ,iterator ,next))
           (iter-end-of-sequence
            (setq ,done t ,given (cdr ,error-symbol))))
         (unless ,done
           (setq ,next (iter-yield ,given))))
       ,given)))

(defmacro iter-defun (name arglist &rest body)
  "Define the function NAME, which returns iterators that do BODY."
  (declare (indent defun) (doc-string 3))
  (cl-assert lexical-binding)
  (let ((parsed (macroexp-parse-body body)))
    `(defun ,name ,arglist
       ,@(car parsed)
       ,(generator--iterator (cdr parsed)))))

(defmacro cl-iter-defun (name args &rest body)
  "Define the function NAME, which returns iterators that do BODY.
ARGS is an argument list as that of `cl-defun', and BODY is in a block NAME."
  (declare (indent 2) (doc-string 3))
  (let ((parsed (macroexp-parse-body body)))
    `(cl-defun ,name ,args
       ,@(car parsed)
       ,(generator--iterator (list `(cl-block ,name ,@(cdr parsed)))))))

(defmacro iter-lambda (arglist &rest body)
  "Return a function that returns iterators that do BODY."
  (declare (indent defun) (doc-string 2))
  (cl-assert lexical-binding)
  `(lambda ,arglist
     ,(generator--iterator body)))

(defun iter-next (iterator &optional yield-result)
  "Return the next value of ITERATOR, whose last yield has the value YIELD-RESULT.
At its end signal `iter-end-of-sequence', whose data is the value it ends with."
  (funcall iterator :next yield-result))

(defun iter-close (iterator)
  "End ITERATOR; what its `unwind-protect's protect is cleaned up now."
  (funcall iterator :close nil))

(defmacro iter-do (var-and-iterator &rest body)
  "Do BODY with a variable bound to each value of an iterator in turn.
VAR-AND-ITERATOR is a list of both.  The value is the one the iterator ends with."
  (declare (indent 1))
  (let ((done (make-symbol "done"))
        (condition (make-symbol "end"))
        (iterator (make-symbol "iterator"))
        (result (make-symbol "result"))
        (variable (car var-and-iterator)))
    `(let (,variable
           ,result
           (,done nil)
           (,iterator ,(cadr var-and-iterator)))
       (while (not ,done)
         (condition-case ,condition
             (setq ,variable (iter-next ,iterator))
           (iter-end-of-sequence
            (setq ,result (cdr ,condition)
                  ,done t)))
         (unless ,done ,@body))
       ,result)))

(defun generator--next-cell (iterator)
  "Return a cell of the next value of ITERATOR and itself, or nil at its end."
  (condition-case nil
      (cons (iter-next iterator) iterator)
    (iter-end-of-sequence nil)))

(put 'iter-by 'cl-loop-for-handler
     (lambda (variable)
       (let ((cell (make-symbol "--cl-var--")))
         (cl--loop-for-bind cell `(generator--next-cell ,(cl--loop-next)))
         (cl--loop-for-test `(consp ,cell))
         (cl--loop-for-declare variable)
         (cl--loop-for-set variable `(car ,cell))
         (cl--loop-for-step cell `(generator--next-cell (cdr ,cell))))))

(provide 'generator)

;;; generator.el ends here
