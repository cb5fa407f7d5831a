;;; definitions.el --- Symbols, their properties and hooks  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defun function-put (function property value)
  "Set the PROPERTY of the symbol FUNCTION, as a function, to VALUE."
  (put function property value))

(defun function-get (function property &optional autoload)
  "Return the PROPERTY of the function symbol FUNCTION, following aliases.
If AUTOLOAD, a function that is not loaded yet is loaded first."
  (let ((value nil))
    (while (and (symbolp function)
                (null (setq value (get function property)))
                (fboundp function))
      (let ((definition (symbol-function function)))
        (setq function
              (if (and autoload (autoloadp definition)
                       (not (get function 'autoload--tried)))
                  (progn (autoload-do-load definition function)
                         (if (eq definition (symbol-function function))
                             definition
                           function))
                definition))))
    value))

(defun define-symbol-prop (symbol prop val)
  "Define the property PROP of SYMBOL to be VAL, as part of a file."
  (put symbol prop val))

(defun register-definition-prefixes (file prefixes)
  "Note that FILE defines names that begin with PREFIXES."
  (dolist (prefix prefixes)
    (puthash prefix (cons file (gethash prefix definition-prefixes))
             definition-prefixes)))

(defvar definition-prefixes (make-hash-table :test 'equal)
  "The files that define names that begin with a string.")

(defun define-error (name message &optional parent)
  "Define NAME as an error condition with MESSAGE, a kind of PARENT."
  (let* ((parent (or parent 'error))
         (conditions
          (if (consp parent)
              (apply #'append
                     (mapcar (lambda (one)
                               (cons one (or (get one 'error-conditions)
                                             (error "Unknown signal `%s'"
                                                    one))))
                             parent))
            (cons parent (get parent 'error-conditions)))))
    (put name 'error-conditions
         (delete-dups (copy-sequence (cons name conditions))))
    (when message
      (put name 'error-message message))))

(defun make-obsolete (obsolete-name current-name when)
  "Declare the function OBSOLETE-NAME obsolete since WHEN, for CURRENT-NAME."
  (put obsolete-name 'byte-obsolete-info
       (purecopy (list current-name nil when)))
  obsolete-name)

(defun make-obsolete-variable (obsolete-name current-name when
                                             &optional access-type)
  "Declare the variable OBSOLETE-NAME obsolete since WHEN, for CURRENT-NAME."
  (put obsolete-name 'byte-obsolete-variable
       (purecopy (list current-name access-type when)))
  obsolete-name)

(defmacro define-obsolete-function-alias (obsolete-name current-name when
                                                        &optional docstring)
  "Make OBSOLETE-NAME an obsolete name of the function CURRENT-NAME."
  `(progn
     (defalias ,obsolete-name ,current-name ,docstring)
     (make-obsolete ,obsolete-name ,current-name ,when)))

(defmacro define-obsolete-variable-alias (obsolete-name current-name when
                                                        &optional docstring)
  "Make OBSOLETE-NAME an obsolete name of the variable CURRENT-NAME."
  `(progn
     (defvaralias ,obsolete-name ,current-name ,docstring)
     (dolist (property '(saved-value saved-variable-comment))
       (and (get ,obsolete-name property)
            (null (get ,current-name property))
            (put ,current-name property (get ,obsolete-name property))))
     (make-obsolete-variable ,obsolete-name ,current-name ,when)))

(defun set-advertised-calling-convention (_function signature _when)
  "Note that a function should be called by SIGNATURE, for compilers."
  signature)

(defun custom-declare-variable (symbol default doc &rest arguments)
  "Declare SYMBOL as a user option whose value DEFAULT, a form, gives."
  (put symbol 'standard-value (purecopy (list default)))
  (put symbol 'custom-requests nil)
  (internal--define-uninitialized-variable symbol doc)
  (let ((initialize nil)
        (setter nil))
    (while arguments
      (let ((keyword (pop arguments)))
        (unless (symbolp keyword)
          (error "Junk in args %S" arguments))
        (unless arguments
          (error "Keyword %s is missing an argument" keyword))
        (let ((value (pop arguments)))
          (custom--note-keyword symbol keyword value)
          (cond ((eq keyword :initialize) (setq initialize value))
                ((eq keyword :set) (setq setter value))))))
    (cond (initialize (funcall initialize symbol default))
          ((default-boundp symbol))
          (setter (funcall setter symbol (eval default t)))
          (t (set-default symbol (eval default t)))))
  symbol)

(defun custom-declare-group (symbol members doc &rest arguments)
  "Declare SYMBOL as a group of user options with MEMBERS."
  (while members
    (apply #'custom-add-to-group symbol (car members))
    (setq members (cdr members)))
  (when doc
    (put symbol 'group-documentation (purecopy doc)))
  (while arguments
    (custom--note-keyword symbol (pop arguments) (pop arguments)))
  symbol)

(defun custom-add-to-group (group option widget)
  "Add to the group GROUP the member OPTION of the kind WIDGET."
  (let ((members (get group 'custom-group)))
    (unless (assq option members)
      (put group 'custom-group
           (append members (list (list option widget)))))))

(defun custom--note-keyword (symbol keyword value)
  "Note the VALUE of KEYWORD in the declaration of SYMBOL for users."
  (let ((property (cdr (assq keyword
                             '((:type . custom-type)
                               (:options . custom-options)
                               (:prefix . custom-prefix)
                               (:set . custom-set)
                               (:get . custom-get)
                               (:version . custom-version)
                               (:package-version . custom-package-version)
                               (:risky . risky-local-variable)
                               (:safe . safe-local-variable))))))
    (cond (property (put symbol property value))
          ((eq keyword :group) (custom-add-to-group value symbol 'custom-variable)))))

(defmacro define-obsolete-face-alias (obsolete-face current-face when)
  "Make OBSOLETE-FACE an obsolete name of CURRENT-FACE since WHEN."
  `(progn
     (put ,obsolete-face 'face-alias ,current-face)
     (put ,obsolete-face 'obsolete-face (or (purecopy ,when) t))))

(defmacro defface (face spec doc &rest _arguments)
  "Declare FACE with the appearance SPEC."
  `(custom-declare-face ',face ,spec ,doc))

(defun custom-declare-face (face spec doc &rest _arguments)
  "Declare FACE with the appearance SPEC and the documentation DOC."
  (put face 'face-defface-spec (purecopy spec))
  (put face 'face-documentation (purecopy doc))
  face)

(defun apropos-internal (regexp &optional predicate)
  "Return the symbols whose name REGEXP matches and PREDICATE holds for, sorted."
  (let ((found nil))
    (mapatoms (lambda (symbol)
                (when (and (string-match regexp (symbol-name symbol))
                           (or (null predicate) (funcall predicate symbol)))
                  (push symbol found))))
    (sort found #'string-lessp)))

(defun json-available-p ()
  "Return t: JSON can be read and written."
  t)

;;;; Hooks

(defun add-hook (hook function &optional depth local)
  "Add FUNCTION to the value of the variable HOOK unless it is there.
A positive DEPTH, or one that is no number, puts it behind the others.
LOCAL asks for the current buffer's own value."
  (when local
    (signal 'error (list "Buffer-local hooks need buffers")))
  (or (default-boundp hook) (set-default hook nil))
  (let* ((depth (cond ((numberp depth) depth) (depth 90) (t 0)))
         (value (default-value hook))
         (functions (if (or (not (listp value)) (functionp value))
                        (list value)
                      value))
         (depths (get hook 'hook--depth-alist)))
    (unless (member function functions)
      (when (or depths (not (= depth 0)))
        (setq depths (cons (cons function depth)
                           (assoc-delete-all function depths)))
        (put hook 'hook--depth-alist depths))
      (let ((before nil)
            (rest functions))
        ;; It goes before those of the same depth, behind them if that is
        ;; positive.
        (while (and rest
                    (let ((other (alist-get (car rest) depths 0 nil #'equal)))
                      (if (> depth 0) (>= depth other) (> depth other))))
          (push (pop rest) before))
        (setq functions (nconc (nreverse before) (cons function rest)))))
    (set-default hook functions)))

(defun remove-hook (hook function &optional local)
  "Remove FUNCTION from the value of the variable HOOK."
  (when local
    (signal 'error (list "Buffer-local hooks need buffers")))
  (or (default-boundp hook) (set-default hook nil))
  (let ((value (default-value hook)))
    (when (or (not (listp value)) (eq (car value) 'lambda))
      (setq value (list value)))
    (setq value (delete function (copy-sequence value)))
    (put hook 'hook--depth-alist
         (assoc-delete-all function (get hook 'hook--depth-alist)))
    (set-default hook value)))

;;;; Functions of functions and symbols

(defun apply-partially (function &rest arguments)
  "Return a function that calls FUNCTION with ARGUMENTS before its own."
  (lambda (&rest more)
    (apply function (append arguments more))))

(defvar gensym-counter 0
  "The number in the name of the next symbol of `gensym'.")

(defun gensym (&optional prefix)
  "Return a new uninterned symbol named PREFIX and a number."
  (let ((number (prog1 gensym-counter
                  (setq gensym-counter (1+ gensym-counter)))))
    (make-symbol (format "%s%d" (or prefix "g") number))))

(defun booleanp (object)
  "Return t if OBJECT is t or nil."
  (and (memq object '(nil t)) t))

(defun autoloadp (object)
  "Return non-nil if OBJECT stands for a function to be loaded."
  (eq 'autoload (car-safe object)))

(defun special-form-p (object)
  "Return non-nil if OBJECT is a special form or names one."
  (when (and (symbolp object) (fboundp object))
    (setq object (indirect-function object)))
  (and (subrp object) (eq (cdr (subr-arity object)) 'unevalled)))

(defun macrop (object)
  "Return non-nil if OBJECT is a macro or names one."
  (let ((definition (indirect-function object)))
    (when (consp definition)
      (or (eq 'macro (car definition))
          (and (autoloadp definition)
               (memq (nth 4 definition) '(macro t)))))))

(defun string-or-null-p (object)
  "Return t if OBJECT is a string or nil."
  (or (stringp object) (null object)))

(defun subr-primitive-p (object)
  "Return t if OBJECT is a primitive of the machine."
  (subrp object))

(defun called-interactively-p (&optional _kind)
  "Return nil: nothing here is called as a command."
  nil)

(defun interactive-p ()
  "Return nil: nothing here is called as a command."
  nil)

(defun symbol-file (symbol &optional type)
  "Return the file that defined SYMBOL in the manner TYPE, or nil."
  (let ((files load-history)
        (found nil))
    (if (and (memq type '(nil defun)) (symbolp symbol)
             (autoloadp (symbol-function symbol)))
        (nth 1 (symbol-function symbol))
      (while (and files (not found))
        (let ((entries (cdr (car files))))
          (when (cond ((memq type '(defvar)) (memq symbol entries))
                      ((null type)
                       (or (memq symbol entries) (rassq symbol entries)))
                      (t (member (cons type symbol) entries)))
            (setq found (car (car files)))))
        (setq files (cdr files)))
      found)))

;;;; Frames of calls

(defun backtrace-frame (nframes &optional base)
  "Return the frame NFRAMES up from the call of BASE, or nil.
It is (t FUNCTION ARGS...), or (nil FUNCTION FORMS...) if the arguments are still
to be evaluated.  BASE is this function by default."
  (backtrace-frame--internal
   (lambda (evald function args _flags)
     `(,evald ,function ,@args))
   nframes (or base 'backtrace-frame)))

(defun backtrace-frames (&optional base)
  "Return a list of the frames from the call of BASE on.
Each is (EVALD FUNCTION ARGS FLAGS)."
  (let ((frames nil))
    (mapbacktrace (lambda (&rest frame) (push frame frames))
                  (or base 'backtrace-frames))
    (nreverse frames)))

;;;; Parts of times

(defun decoded-time-second (time)
  "Return the second of the decoded TIME."
  (declare (gv-setter (lambda (store) `(setcar ,time ,store))))
  (nth 0 time))
(defun decoded-time-minute (time)
  "Return the minute of the decoded TIME."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 1 ,time) ,store))))
  (nth 1 time))
(defun decoded-time-hour (time)
  "Return the hour of the decoded TIME."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 2 ,time) ,store))))
  (nth 2 time))
(defun decoded-time-day (time)
  "Return the day of the month of the decoded TIME."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 3 ,time) ,store))))
  (nth 3 time))
(defun decoded-time-month (time)
  "Return the month of the decoded TIME."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 4 ,time) ,store))))
  (nth 4 time))
(defun decoded-time-year (time)
  "Return the year of the decoded TIME."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 5 ,time) ,store))))
  (nth 5 time))
(defun decoded-time-weekday (time)
  "Return the day of the week of the decoded TIME."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 6 ,time) ,store))))
  (nth 6 time))
(defun decoded-time-dst (time)
  "Return whether the decoded TIME is daylight saving time."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 7 ,time) ,store))))
  (nth 7 time))
(defun decoded-time-zone (time)
  "Return the offset from Greenwich of the decoded TIME."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 8 ,time) ,store))))
  (nth 8 time))

;;; definitions.el ends here
