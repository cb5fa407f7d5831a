;;; help.el --- What is known of functions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defun help--make-usage (function arglist)
  "Return a form that shows how FUNCTION is called with ARGLIST."
  (cons (if (symbolp function) function 'anonymous)
        (help--make-usage-arguments
         (if (listp arglist) arglist (list arglist)))))

(defun help--make-usage-docstring (function arglist)
  "Return a text that shows how FUNCTION is called with ARGLIST."
  (let ((print-escape-newlines t))
    (format "%S" (help--make-usage function arglist))))

(defun help--make-usage-arguments (arglist)
  "Return ARGLIST as a description shows it."
  (mapcar #'help--make-usage-argument arglist))

(defun help--make-usage-argument (argument)
  "Return the argument ARGUMENT as a description shows it."
  (cond
   ((symbolp argument)
    (let ((name (symbol-name argument)))
      (cond ((string-match "\\`&" name) argument)
            ((string-match "\\`_." name)
             (intern (upcase (substring name 1))))
            (t (intern (upcase name))))))
   ((and (consp argument) (symbolp (car argument)))
    (cons (help--make-usage-argument (car argument)) (cdr argument)))
   (t argument)))

(defun help--docstring-usage (docstring)
  "Return the place in DOCSTRING where it shows how its function is called."
  (and docstring
       (string-match "\n\n(fn\\(\\( .*\\)?)\\)\\'" docstring)))

(defun help-split-fundoc (docstring def &optional section)
  "Split DOCSTRING of the function DEF into how it is called and the rest.
Return a cons of both, or nil if it does not tell that.  SECTION is `usage' or
`doc' for one of them, or t for a cons whose car may be nil."
  (let* ((found (help--docstring-usage docstring))
         (usage (and found
                     (concat "(" (if (symbolp def)
                                     (let ((print-escape-newlines t))
                                       (prin1-to-string def))
                                   "anonymous")
                             (match-string 1 docstring))))
         (doc (if found
                  (and (> found 0) (substring docstring 0 found))
                docstring)))
    (pcase section
      ('usage usage)
      ('doc doc)
      ('nil (and found (cons usage doc)))
      (_ (cons usage doc)))))

(defun help-add-fundoc-usage (docstring arglist)
  "Return DOCSTRING with words behind it for how a function is called.
ARGLIST is its argument list, or the words.  Nothing is added to a DOCSTRING
that has them, or if ARGLIST is t."
  (let ((docstring (or docstring "")))
    (if (or (help--docstring-usage docstring) (eq arglist t))
        docstring
      (concat docstring
              (cond ((string-match "\n?\n\\'" docstring)
                     (if (< (- (match-end 0) (match-beginning 0)) 2) "\n" ""))
                    (t "\n\n"))
              (if (stringp arglist)
                  (if (string-match "\\`[^ ]+\\(\\(?:.\\|\n\\)*\\))\\'" arglist)
                      (concat "(fn" (match-string 1 arglist) ")")
                    (error "Unrecognized usage format"))
                (prin1-to-string (help--make-usage 'fn arglist)))))))

(defun help-function-arglist (def &optional preserve-names)
  "Return the argument list of the function DEF, or t if it is not known.
If PRESERVE-NAMES, take the names that its documentation uses."
  (when (and (symbolp def) (fboundp def))
    (setq def (indirect-function def)))
  (when (eq (car-safe def) 'macro)
    (setq def (cdr def)))
  (cond
   ((and (byte-code-function-p def) (listp (aref def 0)))
    (aref def 0))
   ((eq (car-safe def) 'lambda) (nth 1 def))
   ((eq (car-safe def) 'closure) (nth 2 def))
   ((or (byte-code-function-p def) (subrp def))
    (or (and preserve-names (help--documented-arglist def))
        (help--numbered-arglist (func-arity def))))
   ((and (autoloadp def) (not (eq (nth 4 def) 'keymap)))
    "[Arg list not available until function definition is loaded.]")
   (t t)))

(defun help--documented-arglist (def)
  "Return the argument list that the documentation of DEF shows, or nil."
  (let* ((docstring (condition-case nil (documentation def) (error nil)))
         (usage (help-split-fundoc docstring nil 'usage))
         (arglist (and usage (cdr (car (read-from-string (downcase usage)))))))
    (and (consp arglist) arglist)))

(defun help--numbered-arglist (arity)
  "Return an argument list of made-up names for a function of ARITY."
  (let ((arglist nil)
        (n 0))
    (while (< n (car arity))
      (push (intern (format "arg%d" (setq n (1+ n)))) arglist))
    (when (and (integerp (cdr arity)) (< n (cdr arity)))
      (push '&optional arglist)
      (while (< n (cdr arity))
        (push (intern (format "arg%d" (setq n (1+ n)))) arglist)))
    (when (memq (cdr arity) '(many unevalled))
      (push '&rest arglist)
      (push 'rest arglist))
    (nreverse arglist)))

(defun emacs-version (&optional _here)
  "Return a text with the version of Emacs that this follows, and the system."
  (format "GNU Emacs %s (%s)" emacs-version system-configuration))

;;; help.el ends here
