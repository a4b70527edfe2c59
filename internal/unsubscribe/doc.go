// Package unsubscribe makes and reads the links by which a recipient asks for no more mail
// (RFC 8058, RFC 2369), and serves the page behind them.
//
// A link carries a token: the number of an enrollment, signed, and nothing about a person. A
// GET asks, since scanners and previews follow links; only a POST acts, whether it comes
// from the page or, with one click, from a mail program.
package unsubscribe
