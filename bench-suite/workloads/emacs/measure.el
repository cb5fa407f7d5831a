;;; measure.el --- Measure a workload in GNU Emacs  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; The figures in the heads of the workloads and in their README come from here.
;; Each measurement wants a process of its own:
;;
;;     emacs -Q --batch -l emacs/measure.el -f tenure-measure NAME SCALE HOW
;;
;; HOW is one of
;;   no-gc        time without collections, and what was allocated
;;   default      time with Emacs's default threshold, and its collections
;;   live         the largest live size seen (the program runs much slower)
;;   interpreted  as no-gc, but the program isn't byte-compiled
;;
;; One line of fields separated by tabs is printed: NAME, SCALE, HOW, seconds,
;; collections, seconds in collections, megabytes, result.
;; The megabytes are what was allocated, but for `live' what was live.
;; The memory that holds the digits of bignums is not known to Emacs.

;;; Code:

(require 'cl-lib)

(setq native-comp-deferred-compilation nil)

(defvar tenure-measure-directory
  (expand-file-name ".." (file-name-directory load-file-name))
  "Directory of the workloads.")

(defconst tenure-measure-interval 2000000
  "Number of bytes allocated between two looks at the live size.")

(defun tenure-measure-allocated ()
  "Return the number of bytes allocated since Emacs started."
  (apply #'+ (cl-mapcar #'* '(16 8 8 48 1 56 32) (memory-use-counts))))

(defun tenure-measure-live ()
  "Collect garbage and return the number of live bytes."
  (let ((sum 0))
    (dolist (kind (garbage-collect))
      (setq sum (+ sum (* (nth 1 kind) (nth 2 kind)))))
    sum))

(defvar tenure-measure-peak 0
  "The largest live size seen.")

(defvar tenure-measure-last 0
  "What had been allocated at the last look.")

(defun tenure-measure-watch (prefix)
  "Make each function whose name starts with PREFIX watch the live size."
  (setq max-lisp-eval-depth 30000 max-specpdl-size 60000)
  (mapatoms
   (lambda (symbol)
     (when (and (fboundp symbol) (string-prefix-p prefix (symbol-name symbol)))
       (let ((function (symbol-function symbol)))
         (fset symbol
               (lambda (&rest arguments)
                 (let ((allocated (tenure-measure-allocated)))
                   (when (> (- allocated tenure-measure-last)
                            tenure-measure-interval)
                     (setq tenure-measure-last allocated)
                     (setq tenure-measure-peak
                           (max tenure-measure-peak (tenure-measure-live)))))
                 (apply function arguments))))))))

(defun tenure-measure-load (name compile)
  "Load the workload NAME, byte-compiled if COMPILE is non-nil."
  (let ((source (expand-file-name (concat name ".el") tenure-measure-directory)))
    (if (not compile)
        (load source nil t t)
      (let* ((directory (make-temp-file "tenure-measure" t))
             (copy (expand-file-name (concat name ".el") directory))
             (byte-compile-error-on-warn t)
             (byte-compile-verbose nil)
             (inhibit-message t))
        (unwind-protect
            (progn
              (copy-file source copy)
              ;; Another process compiles, so that the compiler isn't live here.
              (unless (eq 0 (call-process
                             (expand-file-name invocation-name
                                               invocation-directory)
                             nil nil nil "-Q" "--batch" "--eval"
                             "(setq byte-compile-error-on-warn t)"
                             "-f" "batch-byte-compile" copy))
                (error "%s does not compile without warnings" source))
              (load (concat copy "c") nil t t))
          (delete-directory directory t))))))

(defun tenure-measure ()
  "Measure the workload that the command line names."
  (let* ((name (pop command-line-args-left))
         (scale (string-to-number (pop command-line-args-left)))
         (how (intern (pop command-line-args-left)))
         (entry (intern (format "tenure-%s-entry" name)))
         (start nil)
         (allocated nil)
         (result nil)
         (seconds nil))
    (tenure-measure-load name (not (eq how 'interpreted)))
    (let ((base (tenure-measure-live))
          (collections gcs-done)
          (elapsed gc-elapsed)
          (expected (symbol-value (intern (format "tenure-%s-expected" name)))))
      (cond ((eq how 'live)
             (setq tenure-measure-last (tenure-measure-allocated))
             (tenure-measure-watch (format "tenure-%s--" name)))
            ((not (eq how 'default))
             (setq gc-cons-threshold most-positive-fixnum)))
      (setq allocated (tenure-measure-allocated))
      (setq start (float-time))
      (setq result (funcall entry scale))
      (setq seconds (- (float-time) start))
      (when (and (assq scale expected)
                 (not (equal result (cdr (assq scale expected)))))
        (error "%s at %d gives %S" name scale result))
      (princ (format "%s\t%d\t%s\t%.4f\t%d\t%.3f\t%.2f\t%S\n"
                     name scale how seconds
                     (- gcs-done collections) (- gc-elapsed elapsed)
                     (/ (if (eq how 'live)
                            (- tenure-measure-peak base)
                          (- (tenure-measure-allocated) allocated))
                        1e6)
                     result)))))

;;; measure.el ends here
