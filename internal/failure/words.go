package failure

// Words are the parts of a reason, each in a field of its own: what a server said, and
// what we say. A text that has both cannot be quoted as the server's.
type Words struct {
	// Said is the server's reply, word for word; empty when none has said anything.
	Said string `json:"said,omitempty"`
	// Meaning is what the reply means, or what has happened without one, in our words.
	Meaning string `json:"meaning,omitempty"`
}

// Text is both, as people read them in one line.
func (w Words) Text() string {
	if w.Said == "" || w.Meaning == "" {
		return w.Said + w.Meaning
	}
	return w.Said + " – " + w.Meaning
}

// About is the same of something that is named before what we say: an email account.
func (w *Words) About(name string) *Words {
	if w == nil {
		return nil
	}
	about := *w
	about.Meaning = name
	if w.Meaning != "" {
		about.Meaning += ": " + w.Meaning
	}
	return &about
}

// Ours are words that no server has said.
func Ours(text string) *Words { return &Words{Meaning: text} }
