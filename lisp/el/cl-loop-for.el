;;; cl-loop-for.el --- The iteration clauses of cl-loop  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A clause binds variables around the loop, tests at the start of a round
;; whether it goes on, sets the variables of the user, and advances its own at
;; the end of the round.  Clauses joined by `and' do each of these at once.

;;; Code:

(require 'cl-lib)

(defvar cl--loop-for-bindings)
(defvar cl--loop-for-sets)
(defvar cl--loop-for-steps)
(defvar cl--loop-for-tests)

(defun cl--loop-read-for ()
  "Read what is behind `for', up to the last clause joined by `and'."
  (let ((cl--loop-for-bindings nil)
        (cl--loop-for-sets nil)
        (cl--loop-for-steps nil)
        (cl--loop-for-tests nil)
        (joined nil)
        (more t))
    (while more
      (let ((variable (or (cl--loop-next) (make-symbol "--cl-var--"))))
        (cl--loop-read-iteration variable joined)
        (if (setq more (cl--loop-peek 'and))
            (progn (cl--loop-next)
                   (setq joined t)))))
    (cl--loop-for-finish joined)))

(defun cl--loop-for-bind (variable value)
  "Bind VARIABLE to VALUE, together with the others joined by `and'."
  (push (list variable value) cl--loop-for-bindings)
  variable)

(defun cl--loop-for-fresh (value &optional name)
  "Return a new variable, named NAME, that is bound to VALUE."
  (cl--loop-for-bind (make-symbol (or name "--cl-var--")) value))

(defun cl--loop-for-test (form)
  "Have the loop end if FORM gives nil."
  (push form cl--loop-for-tests))

(defun cl--loop-for-declare (variable)
  "Bind VARIABLE, or the variables in it, to nil."
  (cond ((consp variable)
         (while (consp variable)
           (cl--loop-for-declare (pop variable)))
         (cl--loop-for-declare variable))
        (variable (cl--loop-for-bind variable nil))))

(defun cl--loop-for-set (variable form)
  "Have VARIABLE, or the variables in it, set to FORM in each round."
  (push (list variable form) cl--loop-for-sets))

(defun cl--loop-for-step (variable form)
  "Have VARIABLE set to FORM at the end of each round."
  (push (list variable form) cl--loop-for-steps))

(defun cl--loop-for-finish (joined)
  "Add what was read to the loop; JOINED says that it was more than a clause."
  (let ((bindings (reverse cl--loop-for-bindings)))
    (if (and joined (cdr bindings))
        (push bindings cl--loop-bindings)
      (dolist (binding bindings)
        (push (list binding) cl--loop-bindings))))
  (dolist (test (reverse cl--loop-for-tests))
    (cl--loop-test test))
  (when cl--loop-for-sets
    (cl--loop-do (cl--loop-for-assign (reverse cl--loop-for-sets) joined)))
  (when cl--loop-for-steps
    (if joined
        (push (cl--loop-for-assign (reverse cl--loop-for-steps) t)
              cl--loop-steps)
      (dolist (step (reverse cl--loop-for-steps))
        (push (cons 'setq step) cl--loop-steps)))))

(defun cl--loop-for-assign (sets together)
  "Return a form that does SETS, at once if TOGETHER."
  (let ((patterns (delq nil (mapcar (lambda (set) (consp (car set))) sets))))
    (cond
     ((not patterns)
      (cons (if together 'cl-psetq 'setq) (apply #'append sets)))
     ((and together (cdr sets))
      (let ((temps (mapcar (lambda (set)
                             (list (make-symbol "--cl-var--") (cadr set)))
                           sets)))
        `(let* ,temps
           ,@(let ((left temps))
               (mapcar (lambda (set)
                         (cl--loop-for-part (car set) (car (pop left))))
                       sets)))))
     (t (macroexp-progn
         (mapcar (lambda (set) (cl--loop-for-part (car set) (cadr set)))
                 sets))))))

(defun cl--loop-for-part (variable value)
  "Return a form that sets VARIABLE, or the variables in it, to VALUE."
  (let* ((assignments (cl--loop-destructure variable value))
         (fresh (delq nil (mapcar (lambda (assignment)
                                    (let ((name (car assignment)))
                                      (unless (eq name (intern-soft
                                                        (symbol-name name)))
                                        name)))
                                  assignments)))
         (form (cons 'setq (apply #'append assignments))))
    (if fresh `(let ,fresh ,form) form)))

;;;; Kinds of iteration

(defun cl--loop-read-iteration (variable joined)
  "Read how VARIABLE is iterated; JOINED says that an `and' came before."
  (let ((word (cl--loop-next)))
    (when (eq word 'being)
      (setq word (cl--loop-next)))
    (when (memq word '(the each))
      (setq word (cl--loop-next)))
    (when (memq word '(buffer buffers))
      (setq word 'in)
      (push '(buffer-list) cl--loop-args))
    (when (memq word '(frame frames screen screens))
      (setq word 'in)
      (push '(frame-list) cl--loop-args))
    (when (memq word '(window windows))
      (setq word 'in)
      (push '(window-list) cl--loop-args))
    (cond
     ((memq word '(from downfrom upfrom to downto upto above below by))
      (push word cl--loop-args)
      (cl--loop-for-number variable))
     ((memq word '(in in-ref on)) (cl--loop-for-list variable word))
     ((eq word '=) (cl--loop-for-equals variable joined))
     ((memq word '(across across-ref)) (cl--loop-for-array variable word))
     ((memq word '(element elements)) (cl--loop-for-elements variable))
     ((memq word '(hash-key hash-keys hash-value hash-values))
      (cl--loop-for-hash variable (memq word '(hash-value hash-values))))
     ((memq word '(symbol present-symbol external-symbol
                          symbols present-symbols external-symbols))
      (let ((obarray (and (cl--loop-peek 'in 'of)
                          (progn (cl--loop-next) (cl--loop-next)))))
        (setq cl--loop-map
              (lambda (body)
                `(mapatoms (lambda (,variable) ,@body) ,obarray)))))
     ((memq word '(key-code key-codes key-binding key-bindings))
      (cl--loop-for-keymap variable (memq word '(key-binding key-bindings))))
     ((and (symbolp word) (get word 'cl-loop-for-handler))
      (funcall (get word 'cl-loop-for-handler) variable))
     (t (error "Expected a `for' preposition, found %s" word)))))

(defun cl--loop-for-number (variable)
  "Read the range of the number VARIABLE."
  (when (cl--loop-peek 'downto 'above)
    (error "Must specify `from' value for downward cl-loop"))
  (let* ((down (or (cl--loop-peek 'downfrom)
                   (memq (nth 2 cl--loop-args) '(downto above))))
         (exclusive (or (cl--loop-peek 'above 'below)
                        (memq (nth 2 cl--loop-args) '(above below))))
         (start (and (cl--loop-peek 'from 'upfrom 'downfrom)
                     (progn (cl--loop-next) (cl--loop-next))))
         (bounded (cl--loop-peek 'to 'upto 'downto 'above 'below))
         (end (and bounded (progn (cl--loop-next) (cl--loop-next))))
         (step (if (cl--loop-peek 'by)
                   (progn (cl--loop-next) (cl--loop-next))
                 1)))
    (when (and (integerp step) (<= step 0))
      (error "Loop `by' value is not positive: %s" step))
    (cl--loop-for-bind variable (or start 0))
    (when bounded
      (unless (macroexp-const-p end)
        (setq end (cl--loop-for-fresh end))))
    (unless (macroexp-const-p step)
      (setq step (cl--loop-for-fresh step)))
    (when bounded
      (cl--loop-for-test (list (if down
                                   (if exclusive '> '>=)
                                 (if exclusive '< '<=))
                               variable end)))
    (cl--loop-for-step variable (list (if down '- '+) variable step))))

(defun cl--loop-for-list (variable word)
  "Read the list that VARIABLE runs along in the manner WORD."
  (let* ((on (eq word 'on))
         (cell (if (and on (symbolp variable))
                   variable
                 (make-symbol "--cl-var--"))))
    (cl--loop-for-bind cell (cl--loop-next))
    (cl--loop-for-test `(consp ,cell))
    (if (eq word 'in-ref)
        (push (list variable `(car ,cell)) cl--loop-symbols)
      (unless (eq cell variable)
        (cl--loop-for-declare variable)
        (cl--loop-for-set variable (if on cell `(car ,cell)))))
    (cl--loop-for-step
     cell
     (if (cl--loop-peek 'by)
         (let ((step (progn (cl--loop-next) (cl--loop-next))))
           (if (and (memq (car-safe step) '(quote function))
                    (symbolp (cadr step)))
               (list (cadr step) cell)
             `(funcall ,step ,cell)))
       `(cdr ,cell)))))

(defun cl--loop-for-equals (variable joined)
  "Read the first value of VARIABLE, and that of the later rounds."
  (let* ((start (cl--loop-next))
         (then (if (cl--loop-peek 'then)
                   (progn (cl--loop-next) (cl--loop-next))
                 start))
         (first (or cl--loop-first
                    (setq cl--loop-first (make-symbol "--cl-var--")))))
    (cl--loop-for-declare variable)
    (if (or joined (cl--loop-peek 'and))
        (progn
          (cl--loop-for-set variable `(if ,first ,start ,variable))
          (cl--loop-for-step
           variable
           `(if ,(cl--loop-and (reverse cl--loop-for-tests)) ,then ,variable)))
      (cl--loop-for-set variable
                        (if (eq start then) start `(if ,first ,start ,then))))))

(defun cl--loop-for-array (variable word)
  "Read the array that VARIABLE runs along in the manner WORD."
  (let ((array (cl--loop-for-fresh (cl--loop-next) "--cl-vec--"))
        (index (cl--loop-for-fresh -1 "--cl-idx--")))
    (cl--loop-for-test `(setq ,index (1+ ,index)))
    (cl--loop-for-test `(< ,index (length ,array)))
    (if (eq word 'across-ref)
        (push (list variable `(aref ,array ,index)) cl--loop-symbols)
      (cl--loop-for-declare variable)
      (cl--loop-for-set variable `(aref ,array ,index)))))

(defun cl--loop-using (words)
  "Read `using' with one of WORDS; return the variable or nil."
  (when (cl--loop-peek 'using)
    (cl--loop-next)
    (let ((spec (cl--loop-next)))
      (if (and (= (length spec) 2) (memq (car spec) words))
          (cadr spec)
        (error "Bad `using' clause")))))

(defun cl--loop-for-elements (variable)
  "Read the sequence whose elements VARIABLE is bound to."
  (let* ((ref (or (cl--loop-peek 'in-ref 'of-ref)
                  (and (not (cl--loop-peek 'in 'of))
                       (error "Expected `of'"))))
         (sequence (progn (cl--loop-next)
                          (cl--loop-for-fresh (cl--loop-next) "--cl-seq--")))
         (index (or (cl--loop-using '(index))
                    (make-symbol "--cl-idx--"))))
    (cl--loop-for-bind index 0)
    (if ref
        (let ((size (cl--loop-for-fresh `(length ,sequence) "--cl-len--")))
          (push (list variable `(elt ,sequence ,index)) cl--loop-symbols)
          (cl--loop-for-test `(< ,index ,size)))
      (cl--loop-for-declare variable)
      (cl--loop-for-test `(and ,sequence
                               (or (consp ,sequence)
                                   (< ,index (length ,sequence)))))
      (cl--loop-for-set variable `(if (consp ,sequence)
                                      (pop ,sequence)
                                    (aref ,sequence ,index))))
    (cl--loop-for-step index `(1+ ,index))))

(defun cl--loop-for-hash (variable values)
  "Read the hash table whose keys, or VALUES, the variable VARIABLE is bound to."
  (unless (cl--loop-peek 'in 'of)
    (error "Expected `of'"))
  (let* ((table (progn (cl--loop-next) (cl--loop-next)))
         (other (or (cl--loop-using (if values
                                        '(hash-key hash-keys)
                                      '(hash-value hash-values)))
                    (make-symbol "--cl-var--")))
         (arguments (if values (list other variable) (list variable other))))
    (setq cl--loop-map
          (lambda (body) `(maphash (lambda ,arguments ,@body) ,table)))))

(defun cl--loop-for-keymap (variable bindings)
  "Read the keymap whose keys, or BINDINGS, the variable VARIABLE is bound to."
  (unless (cl--loop-peek 'in 'of)
    (error "Expected `of'"))
  (let* ((map (progn (cl--loop-next) (cl--loop-next)))
         (other (or (cl--loop-using (if bindings
                                        '(key-code key-codes)
                                      '(key-binding key-bindings)))
                    (make-symbol "--cl-var--")))
         (arguments (if bindings (list other variable) (list variable other))))
    (setq cl--loop-map
          (lambda (body) `(map-keymap (lambda ,arguments ,@body) ,map)))))

;;; cl-loop-for.el ends here
