;;; subr-x.el --- More functions of strings and hash tables  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

;;;; Threading

(defun subr-x--thread (forms first)
  "Return a form in which each of FORMS is an argument of the next one.
It is the first argument if FIRST, and the last otherwise."
  (let ((value (pop forms)))
    (dolist (form forms)
      (setq value
            (cond ((not (consp form)) (list form value))
                  (first `(,(car form) ,value ,@(cdr form)))
                  (t (append form (list value))))))
    value))

(defmacro thread-first (&rest forms)
  "Put each of FORMS as the first argument into the next one."
  (declare (indent 1))
  (subr-x--thread forms t))

(defmacro thread-last (&rest forms)
  "Put each of FORMS as the last argument into the next one."
  (declare (indent 1))
  (subr-x--thread forms nil))

;;;; Binding

(defmacro named-let (name bindings &rest body)
  "Do BODY with BINDINGS, where NAME is a function that does it again."
  (let ((variables (mapcar (lambda (b) (if (consp b) (car b) b)) bindings))
        (values (mapcar (lambda (b) (if (consp b) (cadr b) nil)) bindings)))
    (require 'cl-lib)
    `(funcall (cl-labels ((,name ,variables ,@body)) #',name) ,@values)))

(defun subr-x--bindings (varlist)
  "Return the bindings of VARLIST, each `and'ed with the variable before it."
  (let ((before t))
    (mapcar (lambda (spec)
              (let* ((spec (cond ((symbolp spec) (list spec spec))
                                 ((null (cdr spec))
                                  (list (make-symbol "s") (car spec)))
                                 (t spec)))
                     (variable (if (eq '_ (car spec))
                                   (make-symbol "s")
                                 (car spec))))
                (prog1 (list variable (list 'and before (cadr spec)))
                  (setq before variable))))
            varlist)))

(defmacro if-let* (varlist then &rest else)
  "Bind VARLIST in order; do THEN if all values are non-nil, else ELSE."
  (if varlist
      (let ((bindings (subr-x--bindings varlist)))
        `(let* ,bindings
           (if ,(caar (last bindings)) ,then ,@else)))
    `(let* () ,then)))

(defmacro when-let* (varlist &rest body)
  "Bind VARLIST in order; do BODY if all values are non-nil."
  (list 'if-let* varlist (macroexp-progn body)))

(defmacro and-let* (varlist &rest body)
  "Bind VARLIST in order; do BODY if all values are non-nil.
Without BODY the value is that of the last binding."
  (let ((bindings (and varlist (subr-x--bindings varlist))))
    (if bindings
        `(let* ,bindings
           (when ,(caar (last bindings))
             ,@(or body (list (caar (last bindings))))))
      `(let* () ,@(or body '(t))))))

;;;###autoload
(defmacro if-let (spec then &rest else)
  "Bind the variables of SPEC; do THEN if all values are non-nil, else ELSE.
SPEC is a list of bindings, or one binding."
  (when (and (<= (length spec) 2) (not (listp (car spec))))
    (setq spec (list spec)))
  `(if-let* ,spec ,then ,@else))

;;;###autoload
(defmacro when-let (spec &rest body)
  "Bind the variables of SPEC; do BODY if all values are non-nil."
  (list 'if-let spec (macroexp-progn body)))

;;;; Hash tables

(defun hash-table-empty-p (hash-table)
  "Return t if HASH-TABLE is empty."
  (zerop (hash-table-count hash-table)))

(defun hash-table-keys (hash-table)
  "Return a list of the keys of HASH-TABLE."
  (let ((keys nil))
    (maphash (lambda (key _) (push key keys)) hash-table)
    (nreverse keys)))

(defun hash-table-values (hash-table)
  "Return a list of the values of HASH-TABLE."
  (let ((values nil))
    (maphash (lambda (_ value) (push value values)) hash-table)
    (nreverse values)))

;;;; Strings

(defalias 'string-reverse #'reverse)

(defun string-empty-p (string)
  "Return t if STRING is empty."
  (string= string ""))

(defun string-join (strings &optional separator)
  "Return the STRINGS joined by SEPARATOR."
  (mapconcat #'identity strings separator))

(defun string-blank-p (string)
  "Return 0 if STRING is empty or white space, else nil."
  (string-match-p "\\`[ \t\n\r]*\\'" string))

(defun string-remove-prefix (prefix string)
  "Return STRING without PREFIX at its start."
  (if (string-prefix-p prefix string)
      (substring string (length prefix))
    string))

(defun string-remove-suffix (suffix string)
  "Return STRING without SUFFIX at its end."
  (if (string-suffix-p suffix string)
      (substring string 0 (- (length string) (length suffix)))
    string))

(defun string-clean-whitespace (string)
  "Return STRING with one space for white space, and none at both ends."
  (let ((blank "[[:blank:]\r\n]+"))
    (string-trim (replace-regexp-in-string blank " " string t t)
                 blank blank)))

(defun string-chop-newline (string)
  "Return STRING without a newline at its end."
  (string-remove-suffix "\n" string))

(defun string-lines (string &optional omit-nulls)
  "Return a list of the lines of STRING, without empty ones if OMIT-NULLS."
  (split-string string "\n" omit-nulls))

(defun string-pad (string length &optional padding start)
  "Return STRING made LENGTH characters long by PADDING, a space by default.
It goes to the end, or to the start if START."
  (unless (natnump length)
    (signal 'wrong-type-argument (list 'natnump length)))
  (let ((missing (- length (length string))))
    (cond ((< missing 0) string)
          (start (concat (make-string missing (or padding ?\s)) string))
          (t (concat string (make-string missing (or padding ?\s)))))))

(defun string-limit (string length &optional end coding-system)
  "Return the first LENGTH characters of STRING, or the last ones if END.
With CODING-SYSTEM, return as much of it, encoded, as has LENGTH bytes."
  (unless (natnump length)
    (signal 'wrong-type-argument (list 'natnump length)))
  (if coding-system
      (let ((result nil)
            (size 0)
            (chars (if end
                       (nreverse (append string nil))
                     (append string nil))))
        (while chars
          (let ((encoded (encode-coding-string (char-to-string (pop chars))
                                               coding-system)))
            (if (> (+ size (length encoded)) length)
                (setq chars nil)
              (setq size (+ size (length encoded)))
              (push encoded result))))
        (apply #'concat (if end result (nreverse result))))
    (cond ((<= (length string) length) string)
          (end (substring string (- (length string) length)))
          (t (substring string 0 length)))))

(defun string-truncate-left (string length)
  "Return STRING, cut at its start to about LENGTH characters with dots there."
  (let ((size (length string)))
    (if (<= size length)
        string
      (setq length (max 0 (- length 3)))
      (concat "..." (substring string (min (1- size)
                                           (- size 1 length)))))))

(provide 'subr-x)

;;; subr-x.el ends here
