package inbound

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainOf makes plain text of HTML: a line for each block, and "> " before each line that
// is quoted, so that quotes are found in the same way in both.
func plainOf(source string) string {
	var w htmlText
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.text.String()
		case html.TextToken:
			w.write(string(z.Text()))
		case html.StartTagToken:
			w.open(z.Token())
		case html.SelfClosingTagToken:
			if t := z.Token(); blocks[t.DataAtom] {
				w.newline()
			}
		case html.EndTagToken:
			w.close(z.Token())
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// htmlText is the text so far, and where in the tree it is.
type htmlText struct {
	text    strings.Builder
	hidden  int // within so many elements whose text nobody sees
	quoted  int // within so many block quotes
	started bool
	blank   bool // the text ends in a blank
}

var (
	hiddenElements = map[atom.Atom]bool{atom.Head: true, atom.Style: true, atom.Script: true, atom.Title: true, atom.Template: true}
	blocks         = map[atom.Atom]bool{
		atom.P: true, atom.Div: true, atom.Br: true, atom.Tr: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Table: true,
		atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Hr: true,
		atom.Blockquote: true, atom.Pre: true, atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true, atom.Center: true,
	}
)

func (w *htmlText) open(t html.Token) {
	if hiddenElements[t.DataAtom] {
		w.hidden++
		return
	}
	if t.DataAtom == atom.Body {
		w.hidden = 0 // a head that was never closed
	}
	if blocks[t.DataAtom] {
		w.newline()
	}
	switch t.DataAtom {
	case atom.Blockquote:
		w.quoted++
	case atom.Td, atom.Th:
		w.write(" ")
	case atom.Hr:
		w.write("________________________________")
		w.newline()
	}
}

func (w *htmlText) close(t html.Token) {
	switch {
	case hiddenElements[t.DataAtom]:
		w.hidden = max(0, w.hidden-1)
	case t.DataAtom == atom.Blockquote:
		w.newline()
		w.quoted = max(0, w.quoted-1)
	case blocks[t.DataAtom]:
		w.newline()
	}
}

func (w *htmlText) newline() {
	if w.started {
		w.text.WriteByte('\n')
	}
	w.started, w.blank = false, true
}

func (w *htmlText) write(text string) {
	if w.hidden > 0 {
		return
	}
	for _, r := range html.UnescapeString(text) {
		if r == '\n' || r == '\t' || r == '\r' || r == ' ' || r == '\u00a0' {
			if !w.blank {
				w.text.WriteByte(' ')
			}
			w.blank = true
			continue
		}
		if !w.started {
			w.text.WriteString(strings.Repeat("> ", min(w.quoted, 5)))
		}
		w.started, w.blank = true, false
		w.text.WriteRune(r)
	}
}
