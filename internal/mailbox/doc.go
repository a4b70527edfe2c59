// Package mailbox reads the mailboxes of email accounts: one look goes over the folders
// of a mailbox and hands each new message, once, to a Memory (Reader.Look), and Watch
// looks again and again.
//
// A look is what law 9 stands on: "looked at nine" says that whatever the server had at
// nine in any watched folder has been kept. So a look counts only when every folder has
// been read to its end, and it counts from the moment at which it began.
//
// What a message means, and whose it is, is not known here: the raw bytes go to the
// Memory, whose one transaction holds the message, what follows from it, and the cursor.
package mailbox
