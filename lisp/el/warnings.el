;;; warnings.el --- Warnings of programs  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Warnings are messages: there is no window to list them in.

;;; Code:

(defvar warning-levels
  '((:emergency "Emergency%s: " ding)
    (:error "Error%s: ")
    (:warning "Warning%s: ")
    (:debug "Debug%s: "))
  "The levels of warnings, the gravest first, with how they begin.")
(defvar warning-minimum-level :warning "The lowest level that is shown.")
(defvar warning-minimum-log-level :warning "The lowest level that is noted.")
(defvar warning-suppress-log-types nil "The types that are not noted.")
(defvar warning-suppress-types nil "The types that are not shown.")
(defvar warning-type-format " (%s)" "How a type is shown.")
(defvar warning-prefix-function nil "What makes the entry of a level, or nil.")
(defvar warning-fill-prefix nil "What the lines of a warning begin with.")

(defun warning-numeric-level (level)
  "Return how grave LEVEL is, a number."
  (let ((rest (memq (assq level warning-levels) warning-levels)))
    (length rest)))

(defun warning-suppress-p (type suppressed)
  "Return non-nil if TYPE is one of SUPPRESSED, or of a kind that is."
  (let ((found nil)
        (type (if (consp type) type (list type))))
    (dolist (one suppressed)
      (when (and (<= (length one) (length type))
                 (equal one (butlast type (- (length type) (length one)))))
        (setq found t)))
    found))

;;;###autoload
(defun display-warning (type message &optional level _buffer-name)
  "Show the warning MESSAGE of TYPE, a symbol or a list of them.
LEVEL is `:emergency', `:error', `:warning', the default, or `:debug'."
  (setq level (or level :warning))
  (or (< (warning-numeric-level level)
         (warning-numeric-level warning-minimum-log-level))
      (warning-suppress-p type warning-suppress-log-types)
      (message "%s%s"
               (format (nth 1 (assq level warning-levels))
                       (format warning-type-format
                               (if (consp type) (car type) type)))
               message)))

;;;###autoload
(defun lwarn (type level message &rest args)
  "Show the warning MESSAGE, formatted with ARGS, of TYPE and LEVEL."
  (display-warning type (apply #'format-message message args) level))

;;;###autoload
(defun warn (message &rest args)
  "Show the warning MESSAGE, formatted with ARGS."
  (display-warning 'emacs (apply #'format-message message args)))

(provide 'warnings)

;;; warnings.el ends here
