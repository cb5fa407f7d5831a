;;; cl-extra.el --- Numbers, mapping and the rest of Common Lisp  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'cl-lib)

;;;; Mapping

(defun cl--mapcar-many (function sequences &optional accumulate)
  "Return the values of FUNCTION for each tuple of elements of SEQUENCES.
The values are dropped if ACCUMULATE is `ignore'."
  (let ((count (apply #'min (mapcar #'length sequences)))
        (rests (copy-sequence sequences))
        (result nil)
        (i 0))
    (while (< i count)
      (let ((arguments nil)
            (tail rests))
        (while tail
          (if (consp (car tail))
              (progn (push (caar tail) arguments)
                     (setcar tail (cdar tail)))
            (push (aref (car tail) i) arguments))
          (setq tail (cdr tail)))
        (let ((value (apply function (nreverse arguments))))
          (unless (eq accumulate 'ignore)
            (push value result))))
      (setq i (1+ i)))
    (nreverse result)))

(defun cl-map (cl-type cl-func cl-seq &rest cl-rest)
  "Return a CL-TYPE of the values of CL-FUNC for the elements of the sequences."
  (cl-coerce (apply #'cl-mapcar cl-func cl-seq cl-rest) cl-type))

(defun cl-mapc (cl-func cl-seq &rest cl-rest)
  "Call CL-FUNC for the elements of the sequences; return CL-SEQ."
  (if cl-rest
      (cl--mapcar-many cl-func (cons cl-seq cl-rest) 'ignore)
    (mapc cl-func cl-seq))
  cl-seq)

(defun cl-maplist (cl-func cl-list &rest cl-rest)
  "Return the values of CL-FUNC for the lists, their cdrs and so on."
  (let ((lists (cons cl-list cl-rest))
        (result nil))
    (while (not (memq nil lists))
      (push (apply cl-func lists) result)
      (setq lists (mapcar #'cdr lists)))
    (nreverse result)))

(defun cl-mapl (cl-func cl-list &rest cl-rest)
  "Call CL-FUNC for the lists, their cdrs and so on; return CL-LIST."
  (apply #'cl-maplist cl-func cl-list cl-rest)
  cl-list)

(defun cl-mapcan (cl-func cl-seq &rest cl-rest)
  "Join the lists that CL-FUNC gives for the elements of the sequences."
  (if cl-rest
      (apply #'nconc (apply #'cl-mapcar cl-func cl-seq cl-rest))
    (mapcan cl-func cl-seq)))

(defun cl-mapcon (cl-func cl-list &rest cl-rest)
  "Join the lists that CL-FUNC gives for the lists, their cdrs and so on."
  (apply #'nconc (apply #'cl-maplist cl-func cl-list cl-rest)))

(defun cl-some (cl-pred cl-seq &rest cl-rest)
  "Return the first non-nil value of CL-PRED for elements of the sequences."
  (catch 'cl--some
    (apply #'cl-mapc
           (lambda (&rest arguments)
             (let ((value (apply cl-pred arguments)))
               (when value
                 (throw 'cl--some value))))
           cl-seq cl-rest)
    nil))

(defun cl-every (cl-pred cl-seq &rest cl-rest)
  "Return non-nil if CL-PRED holds for all elements of the sequences."
  (catch 'cl--every
    (apply #'cl-mapc
           (lambda (&rest arguments)
             (or (apply cl-pred arguments)
                 (throw 'cl--every nil)))
           cl-seq cl-rest)
    t))

(defun cl-notany (cl-pred cl-seq &rest cl-rest)
  "Return t if CL-PRED holds for no elements of the sequences."
  (not (apply #'cl-some cl-pred cl-seq cl-rest)))

(defun cl-notevery (cl-pred cl-seq &rest cl-rest)
  "Return t if CL-PRED does not hold for all elements of the sequences."
  (not (apply #'cl-every cl-pred cl-seq cl-rest)))

;;;; Sequences and lists

(defun cl-subseq (seq start &optional end)
  "Return the part of SEQ from START to END; they count from its end if negative."
  (declare (gv-setter (lambda (new)
                        (macroexp-let2 nil value new
                          `(progn (cl-replace ,seq ,value
                                              :start1 ,start :end1 ,end)
                                  ,value)))))
  (cond
   ((or (stringp seq) (vectorp seq)) (substring seq start end))
   ((listp seq)
    (let* ((size (and (or (< start 0) (and end (< end 0))) (length seq)))
           (from (if (< start 0) (+ start size) start))
           (to (if (and end (< end 0)) (+ end size) end))
           (bad (lambda ()
                  (error "Bad bounding indices: %s, %s" start end))))
      (when (or (< from 0) (and to (< to from)))
        (funcall bad))
      (let ((tail (if (> from 0) (nthcdr (1- from) seq) seq)))
        (when (> from 0)
          (unless tail
            (funcall bad))
          (setq tail (cdr tail)))
        (if (null to)
            (copy-sequence tail)
          (let ((result nil)
                (left (- to from)))
            (while (> left 0)
              (unless tail
                (funcall bad))
              (push (pop tail) result)
              (setq left (1- left)))
            (nreverse result))))))
   (t (error "Unsupported sequence: %s" seq))))

(defun cl-concatenate (type &rest sequences)
  "Return a sequence of TYPE of the elements of SEQUENCES."
  (cond ((eq type 'list) (apply #'append (append sequences '(nil))))
        ((eq type 'vector) (apply #'vconcat sequences))
        ((eq type 'string) (apply #'concat sequences))
        (t (error "Not a sequence type name: %S" type))))

(defun cl-revappend (x y)
  "Return the elements of X, the last first, in front of Y."
  (nconc (reverse x) y))

(defun cl-nreconc (x y)
  "Reverse X in place in front of Y."
  (nconc (nreverse x) y))

(defun cl-list-length (x)
  "Return the length of the list X, or nil if it is circular."
  (cl-check-type x list)
  (condition-case nil
      (length x)
    (circular-list nil)))

(defun cl-tailp (sublist list)
  "Return non-nil if SUBLIST is a tail of LIST."
  (while (and (consp list) (not (eq sublist list)))
    (setq list (cdr list)))
  (if (numberp sublist) (equal sublist list) (eq sublist list)))

(defun cl-equalp (x y)
  "Return t if X and Y are alike; letters may differ in case, numbers in type."
  (cond
   ((eq x y) t)
   ((stringp x)
    (and (stringp y) (string= (downcase x) (downcase y))))
   ((numberp x)
    (and (numberp y) (= x y)))
   ((consp x)
    (while (and (consp x) (consp y) (cl-equalp (car x) (car y)))
      (setq x (cdr x)
            y (cdr y)))
    (and (not (consp x)) (cl-equalp x y)))
   ((vectorp x)
    (and (vectorp y) (= (length x) (length y))
         (let ((i (length x)))
           (while (and (>= (setq i (1- i)) 0)
                       (cl-equalp (aref x i) (aref y i))))
           (< i 0))))
   (t (equal x y))))

;;;; Property lists

(defun cl-getf (plist tag &optional def)
  "Return the value of TAG in PLIST, or DEF if it is not there."
  (let ((value (plist-member plist tag)))
    ;; One without a value is not there.
    (if (cdr value) (cadr value) def)))

(function-put 'cl-getf 'gv-expander
              (lambda (do plist tag &optional def)
                (gv-letplace (getter setter) plist
                  (macroexp-let2* nil ((k tag) (d def))
                    (funcall do `(cl-getf ,getter ,k ,d)
                             (lambda (value)
                               (macroexp-let2 nil v value
                                 `(progn
                                    ,(funcall setter
                                              `(cl--set-getf ,getter ,k ,v))
                                    ,v))))))))

(defun cl--set-getf (plist tag value)
  "Return PLIST with TAG set to VALUE, in place if it is there."
  (let ((found (plist-member plist tag)))
    (if found
        (progn (setcar (cdr found) value)
               plist)
      (cons tag (cons value plist)))))

(defun cl--do-remf (plist tag)
  "Remove TAG, which is not the first, from PLIST; return t if it was there."
  (let ((rest (cdr plist)))
    (while (and (cdr rest) (not (eq (cadr rest) tag)))
      (setq rest (cddr rest)))
    (and (cdr rest)
         (progn (setcdr rest (cdr (cddr rest)))
                t))))

(defun cl-get (sym tag &optional def)
  "Return the property TAG of the symbol SYM, or DEF if it is not there."
  (declare (gv-setter (lambda (store)
                        `(progn ,def (put ,sym ,tag ,store)))))
  (cl-getf (symbol-plist sym) tag def))

(defun cl-remprop (sym tag)
  "Remove the property TAG of the symbol SYM; return t if it was there."
  (let ((plist (symbol-plist sym)))
    (if (and plist (eq tag (car plist)))
        (progn (setplist sym (cddr plist))
               t)
      (cl--do-remf plist tag))))

;;;; Numbers

(defun cl-gcd (&rest args)
  "Return the greatest common divisor of ARGS."
  (let ((a (abs (or (pop args) 0))))
    (dolist (arg args)
      (let ((b (abs arg)))
        (while (/= b 0)
          (setq b (% a (setq a b))))))
    a))

(defun cl-lcm (&rest args)
  "Return the least common multiple of ARGS."
  (if (memq 0 args)
      0
    (let ((a (abs (or (pop args) 1))))
      (dolist (arg args)
        (setq a (* (/ a (cl-gcd a arg)) (abs arg))))
      a)))

(defun cl-isqrt (x)
  "Return the integer part of the square root of X."
  (cond ((and (integerp x) (> x 0))
         (let ((guess (ash 1 (/ (1+ (logb x)) 2)))
               (next nil))
           (setq guess (* 2 guess))
           ;; Newton's method from above.
           (while (< (setq next (/ (+ guess (/ x guess)) 2)) guess)
             (setq guess next))
           guess))
        ((eq x 0) 0)
        (t (signal 'arith-error nil))))

(defun cl-floor (x &optional y)
  "Return a list of the floor of X divided by Y, and the remainder."
  (let ((quotient (floor x y)))
    (list quotient (- x (if y (* y quotient) quotient)))))

(defun cl-ceiling (x &optional y)
  "Return a list of the ceiling of X divided by Y, and the remainder."
  (let ((result (cl-floor x y)))
    (if (= (cadr result) 0)
        result
      (list (1+ (car result)) (- (cadr result) (or y 1))))))

(defun cl-truncate (x &optional y)
  "Return a list of X divided by Y, rounded toward 0, and the remainder."
  (if (eq (>= x 0) (or (null y) (>= y 0)))
      (cl-floor x y)
    (cl-ceiling x y)))

(defun cl-round (x &optional y)
  "Return a list of X divided by Y, rounded to the nearest, and the remainder."
  (if y
      (if (and (integerp x) (integerp y))
          (let* ((half (/ y 2))
                 (result (cl-floor (+ x half) y)))
            (if (and (= (cadr result) 0)
                     (= (+ half half) y)
                     (/= (% (car result) 2) 0))
                (list (1- (car result)) half)
              (list (car result) (- (cadr result) half))))
        (let ((quotient (round (/ x y))))
          (list quotient (- x (* quotient y)))))
    (if (integerp x)
        (list x 0)
      (let ((quotient (round x)))
        (list quotient (- x quotient))))))

(defun cl-mod (x y)
  "Return the remainder of X divided by Y, with the sign of Y."
  (cadr (cl-floor x y)))

(defun cl-rem (x y)
  "Return the remainder of X divided by Y, with the sign of X."
  (cadr (cl-truncate x y)))

(defun cl-signum (x)
  "Return 1, 0 or -1 by the sign of X."
  (cond ((> x 0) 1) ((< x 0) -1) (t 0)))

(defun cl-parse-integer (string &rest keys)
  "Return the integer that STRING shows.
Keywords: `:start', `:end', `:radix', `:junk-allowed'."
  (let* ((start (or (plist-get keys :start) 0))
         (end (or (plist-get keys :end) (length string)))
         (radix (or (plist-get keys :radix) 10))
         (junk (plist-get keys :junk-allowed))
         (sign 1)
         (sum nil)
         (digit nil)
         (blank (lambda ()
                  (while (and (< start end)
                              (memq (aref string start)
                                    '(?\s ?\t ?\n ?\r ?\f ?\v)))
                    (setq start (1+ start))))))
    (funcall blank)
    (when (< start end)
      (let ((char (aref string start)))
        (when (memq char '(?+ ?-))
          (setq start (1+ start))
          (when (eq char ?-)
            (setq sign -1)))))
    (while (and (< start end)
                (setq digit (cl-digit-char-p (aref string start) radix)))
      (setq sum (+ (* (or sum 0) radix) digit)
            start (1+ start)))
    (funcall blank)
    (cond ((and sum (= start end)) (* sign sum))
          (junk (and sum (* sign sum)))
          (t (error "Not an integer string: `%s'" string)))))

;;;; Random numbers

;; A subtractive generator (Knuth, The Art of Computer Programming, 3.2.2): 55
;; numbers, of which two that are 31 apart are subtracted for the next one.

(defun cl--random-time ()
  "Return a number that is different each time."
  (logand (car (time-convert nil t)) 8388607))

(defun cl-make-random-state (&optional state)
  "Return a copy of the random state STATE, or a new one if it is t or a seed."
  (unless state
    (setq state cl--random-state))
  (if (cl-random-state-p state)
      (let ((copy (copy-sequence state)))
        (aset copy 1 (copy-tree (aref copy 1) t))
        copy)
    (record 'cl--random-state
            (if (integerp state) state (cl--random-time))
            -1 30)))

(defun cl-random-state-p (object)
  "Return t if OBJECT is a random state."
  (and (recordp object) (eq (aref object 0) 'cl--random-state)))

(defun cl--random-seed (seed)
  "Return the vector of a generator that SEED starts."
  (let ((vector (make-vector 55 0))
        (j (- 1357335 (abs (% seed 1357333))))
        (k 1)
        (i 0))
    (aset vector 0 j)
    (while (> (setq i (% (+ i 21) 55)) 0)
      (aset vector i k)
      (setq k (prog1 (- j k)
                (setq j k))))
    vector))

(defvar cl--random-state (record 'cl--random-state (cl--random-time) -1 30)
  "The state of `cl-random'.")

(defun cl-random (lim &optional state)
  "Return a random number from 0 below LIM, by STATE."
  (let* ((state (or state cl--random-state))
         (vector (aref state 1)))
    (when (integerp vector)
      (setq vector (cl--random-seed vector))
      (aset state 1 vector)
      (let ((round 0))
        (while (< (setq round (1+ round)) 200)
          (cl-random 2 state))))
    (let* ((i (aset state 2 (% (1+ (aref state 2)) 55)))
           (j (aset state 3 (% (1+ (aref state 3)) 55)))
           (number (logand 8388607
                           (aset vector i (- (aref vector i)
                                             (aref vector j))))))
      (if (integerp lim)
          (cond ((<= lim 512) (% number lim))
                ((> lim 8388607)
                 (+ number (* 8388608 (cl-random (1+ (/ lim 8388608)) state))))
                (t
                 (let ((mask 1023))
                   (while (< mask (1- lim))
                     (setq mask (1+ (+ mask mask))))
                   (if (< (setq number (logand number mask)) lim)
                       number
                     (cl-random lim state)))))
        (* (/ number 8388608.0) lim)))))

(defun cl-float-limits ()
  "Set the variables of the limits of floats."
  (setq cl-most-positive-float 1.7976931348623157e+308
        cl-most-negative-float -1.7976931348623157e+308
        cl-least-positive-float 5e-324
        cl-least-negative-float -5e-324
        cl-least-positive-normalized-float 2.2250738585072014e-308
        cl-least-negative-normalized-float -2.2250738585072014e-308
        cl-float-epsilon 2.220446049250313e-16
        cl-float-negative-epsilon 1.1102230246251565e-16)
  nil)

;;; cl-extra.el ends here
