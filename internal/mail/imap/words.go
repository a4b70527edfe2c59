package imap

import (
	"bytes"
	"sync"
)

// lastWords remembers why the server says that it hangs up: the library keeps only that
// it has. It hears both directions, and keeps nothing but the text of an untagged BYE.
type lastWords struct {
	mutex sync.Mutex
	text  string
}

var untaggedBye = []byte("* BYE ")

// Write hears a piece of the conversation. A BYE in the middle of a message's text is
// taken for one too: it counts only once the connection has ended.
func (l *lastWords) Write(p []byte) (int, error) {
	at := bytes.LastIndex(p, untaggedBye)
	if at == 0 || at > 0 && p[at-1] == '\n' {
		text, _, _ := bytes.Cut(p[at+len(untaggedBye):], []byte("\r\n"))
		l.mutex.Lock()
		l.text = string(text[:min(len(text), 500)])
		l.mutex.Unlock()
	}
	return len(p), nil
}

func (l *lastWords) bye() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text
}
