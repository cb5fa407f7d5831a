;;; file-names.el --- Parts of names of files  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defun file-name-sans-versions (name &optional keep-backup-version)
  "Return NAME without the version of a backup at its end.
With KEEP-BACKUP-VERSION that stays."
  (unless (stringp name)
    (signal 'wrong-type-argument (list 'stringp name)))
  (let ((end (and (not keep-backup-version)
                  (string-match "\\(?:\\.~[-[:alnum:]:#@^._]+\\(?:~[[:digit:]]+\\)?\\)?~\\'"
                                name))))
    (substring name 0 end)))

(defun file-names--extension-start (name)
  "Return where the extension of NAME, without a directory, begins, or nil."
  (let ((start (string-match "\\.[^.]*\\'" name)))
    (and start (/= start 0) start)))

(defun file-name-extension (filename &optional period)
  "Return the extension of FILENAME, or nil.
With PERIOD, the dot is part of it, and it is empty if there is none."
  (let* ((file (file-name-sans-versions (file-name-nondirectory filename)))
         (start (file-names--extension-start file)))
    (cond (start (substring file (if period start (1+ start))))
          (period ""))))

(defun file-name-sans-extension (filename)
  "Return FILENAME without its extension."
  (let* ((file (file-name-sans-versions (file-name-nondirectory filename)))
         (start (file-names--extension-start file)))
    (if start
        (concat (file-name-directory filename) (substring file 0 start))
      filename)))

(defun file-name-base (filename)
  "Return FILENAME without directory and extension."
  (file-name-sans-extension (file-name-nondirectory filename)))

(defun file-name-with-extension (filename extension)
  "Return FILENAME with EXTENSION in place of its own."
  (dolist (name (list extension filename))
    (unless (stringp name)
      (signal 'wrong-type-argument (list 'stringp name))))
  (let ((plain (if (string-prefix-p "." extension)
                   (substring extension 1)
                 extension)))
    (cond ((equal filename "") (error "Empty filename"))
          ((equal plain "") (error "Malformed extension: %s" extension))
          ((string-suffix-p "/" filename)
           (error "Filename is a directory: %s" filename))
          (t (concat (file-name-sans-extension filename) "." plain)))))

(defun file-name-quoted-p (name &optional _top)
  "Return non-nil if nothing in NAME has a special meaning."
  (string-prefix-p "/:" name))

(defun file-name-quote (name &optional top)
  "Return NAME marked so that nothing in it has a special meaning.
TOP is that of `file-name-quoted-p'."
  (if (file-name-quoted-p name top) name (concat "/:" name)))

(defun file-name-unquote (name &optional top)
  "Return NAME without the mark of `file-name-quote'.
TOP is that of `file-name-quoted-p'."
  (cond ((not (file-name-quoted-p name top)) name)
        ((= (length name) 2) "/")
        (t (substring name 2))))

(defun file-size-human-readable (file-size &optional flavor space unit)
  "Return the text of FILE-SIZE with a prefix of its unit.
FLAVOR `iec' counts by 1024 and writes KiB, `si' counts by 1000; without, the
count is by 1024.  SPACE goes before the prefix, UNIT behind it."
  (let ((power (if (memq flavor '(nil iec)) 1024.0 1000.0))
        (prefixes '("" "k" "M" "G" "T" "P" "E" "Z" "Y")))
    (while (and (>= file-size power) (cdr prefixes))
      (setq file-size (/ file-size power)
            prefixes (cdr prefixes)))
    (let* ((prefix (if (and (eq flavor 'iec) (equal (car prefixes) "k"))
                       "K"
                     (car prefixes)))
           (prefix (cond ((and (eq flavor 'iec) (equal prefix ""))
                          (or unit "B"))
                         ((eq flavor 'iec) (concat prefix "i" (or unit "B")))
                         (t (concat prefix unit)))))
      (format (if (and (>= (mod file-size 1.0) 0.05)
                       (< (mod file-size 1.0) 0.95))
                  "%.1f%s%s"
                "%.0f%s%s")
              file-size
              (if (equal prefix "") "" (or space ""))
              prefix))))

(defun file-size-human-readable-iec (size)
  "Return SIZE, a number of bytes, with the prefixes of IEC and a space."
  (file-size-human-readable size 'iec " "))

;;;; What `file-attributes' tells

(defun file-attribute-type (attributes)
  "Return t for a directory, the target of a link, or nil, of ATTRIBUTES."
  (nth 0 attributes))
(defun file-attribute-link-number (attributes)
  "Return the number of names, of ATTRIBUTES."
  (nth 1 attributes))
(defun file-attribute-user-id (attributes)
  "Return the owner, of ATTRIBUTES."
  (nth 2 attributes))
(defun file-attribute-group-id (attributes)
  "Return the group, of ATTRIBUTES."
  (nth 3 attributes))
(defun file-attribute-access-time (attributes)
  "Return when it was read last, of ATTRIBUTES."
  (nth 4 attributes))
(defun file-attribute-modification-time (attributes)
  "Return when it was written last, of ATTRIBUTES."
  (nth 5 attributes))
(defun file-attribute-status-change-time (attributes)
  "Return when these changed last, of ATTRIBUTES."
  (nth 6 attributes))
(defun file-attribute-size (attributes)
  "Return the size in bytes, of ATTRIBUTES."
  (nth 7 attributes))
(defun file-attribute-modes (attributes)
  "Return the text of the permissions, of ATTRIBUTES."
  (nth 8 attributes))
(defun file-attribute-inode-number (attributes)
  "Return the number of the inode, of ATTRIBUTES."
  (nth 10 attributes))
(defun file-attribute-device-number (attributes)
  "Return the number of the device, of ATTRIBUTES."
  (nth 11 attributes))

;;; file-names.el ends here
