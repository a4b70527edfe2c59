// Package contactcsv reads the contact exports of CRMs, address books and
// spreadsheets into campaign.Contact values, and recognises product,
// language, delimiter and encoding by itself.
//
// It is pure: it reads a stream and touches no database and no network. It is
// lenient with rows (whatever can be kept is kept, and every doubt is a Problem
// with its line) and strict with files (what is not a contact list is refused
// in one sentence).
package contactcsv
