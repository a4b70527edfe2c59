package store

import "relance/internal/failure"

// keptWords are the words of a reason as a row has them, with the reason that they are of:
// the release before changes the reason and leaves them.
type keptWords struct {
	Of string `json:"of"`
	failure.Words
}

// keepWords is what a row keeps beside a reason; nil when nobody knows whose words it has.
func keepWords(reason string, words *failure.Words) *keptWords {
	if words == nil {
		return nil
	}
	return &keptWords{storableText(reason), *words}
}

// wordsSQL are the words that a row has kept of one of its columns; NULL when nobody knows.
func wordsSQL(row, of string) string {
	return `CASE WHEN ` + row + `words->>'of' = ` + row + of + ` THEN ` + row + `words END`
}

// of are the words of a reason; nil when nobody knows.
func (k *keptWords) of(reason string) *failure.Words {
	if k == nil || k.Of != reason {
		return nil
	}
	return &k.Words
}
