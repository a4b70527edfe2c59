package plaintext

import "io"

// Writer writes plain text only. Each Write is a piece of text of its own: a character
// or an escape sequence must not be divided between two.
type Writer struct{ To io.Writer }

// Write writes p as Text makes it, without a limit. It returns the length of p.
func (w Writer) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.To, Text(string(p), 0)); err != nil {
		return 0, err
	}
	return len(p), nil
}
