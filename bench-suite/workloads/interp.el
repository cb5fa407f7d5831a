;;; interp.el --- An interpreter for a small Scheme  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: An interpreter for a small Scheme
;; Stresses: closures, calls through closures, environment frames of short life, symbols, deep and tail calls
;; Default-scale: 800
;; Live-size: 0.11 MB
;; Allocation-rate: 67 MB/s, 63.7 MB in all

;;; Commentary:

;; Program text is read into lists, the lists are turned once into Lisp closures
;; with lexical addresses resolved, and the closures are run.  An environment
;; frame is a vector whose first slot is the enclosing frame.  A call in tail
;; position returns to the loop of its caller, so it needs no stack.
;; SCALE is the number of rounds of the program.

;;; Code:

(defconst tenure-interp--program "
(define (append-two a b)
  (if (null? a) b (cons (car a) (append-two (cdr a) b))))
(define (map-list f l)
  (if (null? l) '() (cons (f (car l)) (map-list f (cdr l)))))
(define (filter-list keep? l)
  (cond ((null? l) '())
        ((keep? (car l)) (cons (car l) (filter-list keep? (cdr l))))
        (else (filter-list keep? (cdr l)))))
(define (fold f start l)
  (if (null? l) start (fold f (f start (car l)) (cdr l))))
(define (from-to a b)
  (let loop ((i b) (l '()))
    (if (< i a) l (loop (- i 1) (cons i l)))))

; Calls
(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(define (tak x y z)
  (if (not (< y x)) z
      (tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y))))
(define (even-number? n) (if (= n 0) #t (odd-number? (- n 1))))
(define (odd-number? n) (if (= n 0) #f (even-number? (- n 1))))

; Sorting
(define (quicksort l)
  (if (null? l) '()
      (let ((pivot (car l)) (rest (cdr l)))
        (append-two
         (quicksort (filter-list (lambda (x) (< x pivot)) rest))
         (cons pivot
               (quicksort
                (filter-list (lambda (x) (not (< x pivot))) rest)))))))
(define (make-random seed)
  (lambda (limit)
    (set! seed (remainder (+ (* seed 1103) 12345) 65536))
    (remainder seed limit)))
(define (random-list random n)
  (if (= n 0) '() (cons (random 1000) (random-list random (- n 1)))))
(define (sorted? l)
  (or (null? l) (null? (cdr l))
      (and (not (< (car (cdr l)) (car l))) (sorted? (cdr l)))))

; Streams: a pair of a value and a procedure that makes the rest
(define (integers n) (cons n (lambda () (integers (+ n 1)))))
(define (rest s) ((cdr s)))
(define (filter-stream keep? s)
  (if (keep? (car s))
      (cons (car s) (lambda () (filter-stream keep? (rest s))))
      (filter-stream keep? (rest s))))
(define (sieve s)
  (let ((p (car s)))
    (cons p (lambda ()
              (sieve (filter-stream
                      (lambda (n) (not (= 0 (remainder n p))))
                      (rest s)))))))
(define (take n s)
  (if (= n 0) '() (cons (car s) (take (- n 1) (rest s)))))

; Symbolic differentiation
(define (simplify e)
  (if (not (pair? e)) e
      (let ((op (car e)) (a (simplify (car (cdr e))))
            (b (simplify (car (cdr (cdr e))))))
        (cond ((eq? op '+)
               (cond ((eq? a 0) b) ((eq? b 0) a) (else (list op a b))))
              ((or (eq? a 0) (eq? b 0)) 0)
              ((eq? a 1) b)
              ((eq? b 1) a)
              (else (list op a b))))))
(define (derivative e)
  (cond ((eq? e 'x) 1)
        ((not (pair? e)) 0)
        ((eq? (car e) '+)
         (list '+ (derivative (car (cdr e)))
                  (derivative (car (cdr (cdr e))))))
        (else
         (let ((a (car (cdr e))) (b (car (cdr (cdr e)))))
           (list '+ (list '* (derivative a) b) (list '* a (derivative b)))))))
(define (value e x)
  (cond ((eq? e 'x) x)
        ((not (pair? e)) e)
        (else
         (let* ((a (value (car (cdr e)) x)) (b (value (car (cdr (cdr e))) x)))
           (if (eq? (car e) '+) (+ a b) (* a b))))))

; Numbers as procedures
(define zero (lambda (f) (lambda (x) x)))
(define (succ n) (lambda (f) (lambda (x) (f ((n f) x)))))
(define (plus m n) (lambda (f) (lambda (x) ((m f) ((n f) x)))))
(define (church n) (if (= n 0) zero (succ (church (- n 1)))))
(define (number n) ((n (lambda (x) (+ x 1))) 0))

; Objects as closures
(define (make-account balance)
  (let ((log '()))
    (lambda (message amount)
      (cond ((eq? message 'deposit)
             (set! balance (+ balance amount))
             (set! log (cons amount log))
             balance)
            (else (fold + balance log))))))

(define (main round)
  (let ((random (make-random (+ 7 round)))
        (account (make-account round)))
    (let ((sorted (quicksort (random-list random 24)))
          (primes (take 9 (sieve (integers 2))))
          (second (simplify (derivative (simplify (derivative
                    '(* (* x x) (* (+ x 3) (* x (+ x 1)))))))))
          (five (church 5)))
      (for-each-number 10 (lambda (i) (account 'deposit (* i i))))
      (if (sorted? sorted)
          (remainder
           (+ (fold (lambda (h x) (remainder (+ (* 31 h) x) 10007)) 1 sorted)
              (fold + 0 primes)
              (value second (remainder round 10))
              (* 1000 (fib 9))
              (* 100 (tak 6 4 2))
              (number (plus five (succ five)))
              (if (even-number? (+ 100 round)) 1 0)
              (account 'balance 0)
              (fold + 0 (map-list (lambda (x) (* x x)) (from-to 1 20))))
           1000003)
          -1))))
(define (for-each-number n f)
  (let loop ((i 0))
    (cond ((< i n) (f i) (loop (+ i 1))) (else 'done))))
"
  "The program, in a subset of Scheme.")

;;;; Reading

(defvar tenure-interp--text ""
  "The program text being read.")

(defvar tenure-interp--position 0
  "Index in `tenure-interp--text' of the next character.")

(defun tenure-interp--skip ()
  "Move over white space and comments; return the next character or nil."
  (let ((size (length tenure-interp--text))
        (char nil)
        (more t))
    (while more
      (setq char (and (< tenure-interp--position size)
                      (aref tenure-interp--text tenure-interp--position)))
      (cond ((memq char '(?\s ?\n))
             (setq tenure-interp--position (1+ tenure-interp--position)))
            ((eq char ?\;)
             (while (/= ?\n (aref tenure-interp--text tenure-interp--position))
               (setq tenure-interp--position (1+ tenure-interp--position))))
            (t
             (setq more nil))))
    char))

(defun tenure-interp--read-atom ()
  "Read a number or a symbol."
  (let ((start tenure-interp--position)
        (text nil))
    (while (not (memq (aref tenure-interp--text tenure-interp--position)
                      '(?\s ?\n ?\( ?\))))
      (setq tenure-interp--position (1+ tenure-interp--position)))
    (setq text (substring tenure-interp--text start tenure-interp--position))
    (let ((first (aref text (if (and (= ?- (aref text 0)) (> (length text) 1))
                                1
                              0))))
      (cond ((and (>= first ?0) (<= first ?9)) (string-to-number text))
            ((string= text "#t") t)
            ((string= text "#f") nil)
            (t (intern text))))))

(defun tenure-interp--read ()
  "Read the next expression of the program text."
  (let ((char (tenure-interp--skip)))
    (cond ((eq char ?\()
           (setq tenure-interp--position (1+ tenure-interp--position))
           (let ((elements nil))
             (while (not (eq ?\) (tenure-interp--skip)))
               (push (tenure-interp--read) elements))
             (setq tenure-interp--position (1+ tenure-interp--position))
             (nreverse elements)))
          ((eq char ?\')
           (setq tenure-interp--position (1+ tenure-interp--position))
           (list 'quote (tenure-interp--read)))
          (t
           (tenure-interp--read-atom)))))

(defun tenure-interp--read-all (text)
  "Return the list of the expressions in TEXT."
  (let ((tenure-interp--text text)
        (tenure-interp--position 0)
        (expressions nil))
    (while (tenure-interp--skip)
      (push (tenure-interp--read) expressions))
    (nreverse expressions)))

;;;; Procedures and calls

(defvar tenure-interp--globals nil
  "Hash table from symbol to a cons whose car is the value.")

(defconst tenure-interp--tail-call (make-symbol "tail-call")
  "What code returns to have the call that it left pending made.")

(defvar tenure-interp--pending nil
  "The procedure of the pending call.")

(defvar tenure-interp--pending-frame nil
  "The frame, with arguments but without parent, of the pending call.")

(defvar tenure-interp--calls 0
  "Number of calls of procedures of the program.")

;; A procedure of the program is a record of its code, its environment and the
;; number of its parameters; a primitive is a Lisp function.

(defun tenure-interp--call (procedure frame)
  "Call PROCEDURE with the arguments in FRAME, and all tail calls after it."
  (let ((value tenure-interp--tail-call))
    (while (eq value tenure-interp--tail-call)
      (if (not (recordp procedure))
          (setq value (apply procedure (cdr (append frame nil))))
        (unless (= (length frame) (1+ (aref procedure 3)))
          (error "Wrong number of arguments: %d" (1- (length frame))))
        (setq tenure-interp--calls (1+ tenure-interp--calls))
        (aset frame 0 (aref procedure 2))
        (setq value (funcall (aref procedure 1) frame))
        (when (eq value tenure-interp--tail-call)
          (setq procedure tenure-interp--pending)
          (setq frame tenure-interp--pending-frame))))
    value))

;;;; From expressions to closures

(defun tenure-interp--global (symbol)
  "Return the cell of the global variable SYMBOL."
  (or (gethash symbol tenure-interp--globals)
      (puthash symbol (list nil) tenure-interp--globals)))

(defun tenure-interp--address (symbol scope)
  "Return (DEPTH . INDEX) of SYMBOL in SCOPE, a list of lists, or nil."
  (let ((depth 0)
        (address nil))
    (while (and scope (not address))
      (let ((names (car scope))
            (index 1))
        (while (and names (not (eq symbol (car names))))
          (setq names (cdr names))
          (setq index (1+ index)))
        (when names
          (setq address (cons depth index))))
      (setq depth (1+ depth))
      (setq scope (cdr scope)))
    address))

(defun tenure-interp--compile-variable (symbol scope)
  "Return code that yields the value of SYMBOL in SCOPE."
  (let ((address (tenure-interp--address symbol scope)))
    (if (not address)
        (let ((cell (tenure-interp--global symbol)))
          (lambda (_frame) (car cell)))
      (let ((depth (car address))
            (index (cdr address)))
        (cond ((= depth 0) (lambda (frame) (aref frame index)))
              ((= depth 1) (lambda (frame) (aref (aref frame 0) index)))
              (t
               (lambda (frame)
                 (dotimes (_ depth)
                   (setq frame (aref frame 0)))
                 (aref frame index))))))))

(defun tenure-interp--compile-set (symbol code scope)
  "Return code that gives SYMBOL in SCOPE the value of CODE."
  (let ((address (tenure-interp--address symbol scope)))
    (if (not address)
        (let ((cell (tenure-interp--global symbol)))
          (lambda (frame) (setcar cell (funcall code frame))))
      (let ((depth (car address))
            (index (cdr address)))
        (lambda (frame)
          (let ((value (funcall code frame)))
            (dotimes (_ depth)
              (setq frame (aref frame 0)))
            (aset frame index value)))))))

(defun tenure-interp--compile-body (body scope tail)
  "Return code for the expressions BODY in SCOPE, in TAIL position or not."
  (let ((first (tenure-interp--compile (car body) scope
                                       (and tail (null (cdr body))))))
    (if (null (cdr body))
        first
      (let ((rest (tenure-interp--compile-body (cdr body) scope tail)))
        (lambda (frame)
          (funcall first frame)
          (funcall rest frame))))))

(defun tenure-interp--compile-lambda (parameters body scope)
  "Return code that makes a procedure of PARAMETERS and BODY in SCOPE."
  (let ((code (tenure-interp--compile-body body (cons parameters scope) t))
        (arity (length parameters)))
    (lambda (frame) (record 'tenure-interp-procedure code frame arity))))

(defun tenure-interp--compile-if (condition then else)
  "Return code that runs THEN or ELSE after CONDITION."
  (lambda (frame)
    (if (funcall condition frame)
        (funcall then frame)
      (funcall else frame))))

(defun tenure-interp--compile-cond (clauses scope tail)
  "Return code for the CLAUSES of a `cond' in SCOPE, in TAIL position or not."
  (cond ((null clauses) (lambda (_frame) nil))
        ((eq (car (car clauses)) 'else)
         (tenure-interp--compile-body (cdr (car clauses)) scope tail))
        (t
         (tenure-interp--compile-if
          (tenure-interp--compile (car (car clauses)) scope nil)
          (tenure-interp--compile-body (cdr (car clauses)) scope tail)
          (tenure-interp--compile-cond (cdr clauses) scope tail)))))

(defun tenure-interp--compile-logic (op operands scope tail)
  "Return code for OP, `and' or `or', on OPERANDS in SCOPE, in TAIL position."
  (let ((first (tenure-interp--compile (car operands) scope
                                       (and tail (null (cdr operands))))))
    (if (null (cdr operands))
        first
      (let ((rest (tenure-interp--compile-logic op (cdr operands) scope tail)))
        (if (eq op 'and)
            (lambda (frame)
              (if (funcall first frame) (funcall rest frame)))
          (lambda (frame)
            (or (funcall first frame) (funcall rest frame))))))))

(defun tenure-interp--compile-call (expression scope tail)
  "Return code for the call EXPRESSION in SCOPE, in TAIL position or not."
  (let* ((codes (mapcar (lambda (part) (tenure-interp--compile part scope nil))
                        expression))
         (function (car codes))
         (arguments (cdr codes))
         (size (1+ (length arguments))))
    (if tail
        (lambda (frame)
          (let ((callee (funcall function frame))
                (new (make-vector size nil))
                (index 1))
            (dolist (argument arguments)
              (aset new index (funcall argument frame))
              (setq index (1+ index)))
            (setq tenure-interp--pending callee)
            (setq tenure-interp--pending-frame new)
            tenure-interp--tail-call))
      (lambda (frame)
        (let ((callee (funcall function frame))
              (new (make-vector size nil))
              (index 1))
          (dolist (argument arguments)
            (aset new index (funcall argument frame))
            (setq index (1+ index)))
          (tenure-interp--call callee new))))))

(defun tenure-interp--compile-primitive (function operands scope)
  "Return code that calls the Lisp FUNCTION on one or two OPERANDS in SCOPE."
  (let ((a (tenure-interp--compile (car operands) scope nil)))
    (if (null (cdr operands))
        (lambda (frame) (funcall function (funcall a frame)))
      (let ((b (tenure-interp--compile (cadr operands) scope nil)))
        (lambda (frame)
          (funcall function (funcall a frame) (funcall b frame)))))))

(defun tenure-interp--expand-let (expression)
  "Return the `let' EXPRESSION in terms of `lambda' and `letrec'."
  (let ((name nil))
    (when (and (cadr expression) (symbolp (cadr expression)))
      (setq name (cadr expression))
      (setq expression (cdr expression)))
    (let* ((bindings (cadr expression))
           (procedure `(lambda ,(mapcar #'car bindings) ,@(cddr expression))))
      (cons (if name
                `(letrec ((,name ,procedure)) ,name)
              procedure)
            (mapcar #'cadr bindings)))))

(defun tenure-interp--expand-let* (bindings body)
  "Return nested `let' expressions for BINDINGS around BODY."
  (if (cdr bindings)
      `(let (,(car bindings))
         ,(tenure-interp--expand-let* (cdr bindings) body))
    `(let ,bindings ,@body)))

(defun tenure-interp--expand-letrec (bindings body)
  "Return BODY with BINDINGS that see each other."
  `((lambda ,(mapcar #'car bindings)
      ,@(mapcar (lambda (binding) (cons 'set! binding)) bindings)
      ,@body)
    ,@(mapcar (lambda (_binding) nil) bindings)))

(defun tenure-interp--compile-define (target body)
  "Return code that defines the global TARGET, perhaps with parameters, as BODY."
  (if (symbolp target)
      (tenure-interp--compile-set
       target (tenure-interp--compile (car body) nil nil) nil)
    (tenure-interp--compile-set
     (car target)
     (tenure-interp--compile-lambda (cdr target) body nil)
     nil)))

(defun tenure-interp--compile (expression scope tail)
  "Return a function of a frame that evaluates EXPRESSION in SCOPE.
TAIL is non-nil if the value of EXPRESSION is that of a procedure."
  (cond ((memq expression '(nil t)) (lambda (_frame) expression))
        ((symbolp expression)
         (tenure-interp--compile-variable expression scope))
        ((atom expression) (lambda (_frame) expression))
        (t
         (let ((head (car expression))
               (rest (cdr expression)))
           (cond ((eq head 'quote)
                  (let ((value (car rest)))
                    (lambda (_frame) value)))
                 ((eq head 'if)
                  (tenure-interp--compile-if
                   (tenure-interp--compile (car rest) scope nil)
                   (tenure-interp--compile (cadr rest) scope tail)
                   (tenure-interp--compile (car (cddr rest)) scope tail)))
                 ((eq head 'cond)
                  (tenure-interp--compile-cond rest scope tail))
                 ((eq head 'lambda)
                  (tenure-interp--compile-lambda (car rest) (cdr rest) scope))
                 ((eq head 'define)
                  (tenure-interp--compile-define (car rest) (cdr rest)))
                 ((eq head 'set!)
                  (tenure-interp--compile-set
                   (car rest)
                   (tenure-interp--compile (cadr rest) scope nil)
                   scope))
                 ((eq head 'let)
                  (tenure-interp--compile
                   (tenure-interp--expand-let expression) scope tail))
                 ((eq head 'let*)
                  (tenure-interp--compile
                   (tenure-interp--expand-let* (car rest) (cdr rest))
                   scope tail))
                 ((eq head 'letrec)
                  (tenure-interp--compile
                   (tenure-interp--expand-letrec (car rest) (cdr rest))
                   scope tail))
                 ((memq head '(and or))
                  (tenure-interp--compile-logic head rest scope tail))
                 ((and (symbolp head)
                       (memq (length rest) '(1 2))
                       (not (tenure-interp--address head scope))
                       (get head 'tenure-interp-primitive))
                  (tenure-interp--compile-primitive
                   (get head 'tenure-interp-primitive) rest scope))
                 (t
                  (tenure-interp--compile-call expression scope tail)))))))

;;;; Running

(defun tenure-interp--add-primitives ()
  "Define the primitive procedures."
  (dolist (pair '((car . car) (cdr . cdr) (cons . cons) (list . list)
                  (null? . null) (pair? . consp) (not . not) (eq? . eq)
                  (+ . +) (- . -) (* . *) (< . <) (= . =)
                  (remainder . %)))
    (put (car pair) 'tenure-interp-primitive (cdr pair))
    (setcar (tenure-interp--global (car pair)) (cdr pair))))

(defun tenure-interp--run (expression)
  "Evaluate EXPRESSION in the global environment."
  (funcall (tenure-interp--compile expression nil nil) (vector nil)))

(defun tenure-interp-entry (scale)
  "Run the workload at SCALE and return (CALLS CHECKSUM)."
  (let ((tenure-interp--globals (make-hash-table :test 'eq))
        (tenure-interp--calls 0)
        ;; A call of the program takes several calls of Lisp functions.
        (max-lisp-eval-depth 20000)
        (max-specpdl-size 20000)
        (sum 0))
    (tenure-interp--add-primitives)
    (dolist (expression (tenure-interp--read-all tenure-interp--program))
      (tenure-interp--run expression))
    (dotimes (round scale)
      (let ((value (tenure-interp--run (list 'main round))))
        (when (< value 0)
          (error "Round %d did not sort" round))
        (setq sum (% (+ (* 31 sum) value) 1000003))))
    (list tenure-interp--calls sum)))

(defconst tenure-interp-expected
  '((1 . (1911 46960))
    (40 . (77911 462573))
    (800 . (1864883 199591)))
  "Alist of (SCALE . RESULT).")

;;; interp.el ends here
